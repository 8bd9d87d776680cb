"""Write what the TypeScript code shares with the displays in Python: states, glyphs, words, colours.

With ``--check`` nothing is written; the exit code then tells whether the files are up to date.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from jupyter_mpexec.display.status_codes import STATUSES, status_code
from jupyter_mpexec.display.status_style import READING_ORDER, WORST_FIRST, status_style
from jupyter_mpexec.display.stylesheet import theme_stylesheet

FOLDER = Path(__file__).parents[1] / "labextension"
NOTE = "Made from jupyter_mpexec/display by scripts/export_style.py: change it there."


def status_table() -> str:
    """Write the states as TypeScript."""
    rows = []
    for status in STATUSES:
        style = status_style(status)
        row = {
            "name": status.value,
            "glyph": style.glyph,
            "word": style.word,
            "css": style.css_class,
            "variable": style.variable,
        }
        rows.append(f"  {json.dumps(row, ensure_ascii=False)},")
    return "\n".join(
        [
            f"// {NOTE}",
            "/* The place in this list is the code that messages carry. */",
            "export const STATUSES = [",
            *rows,
            "] as const;",
            "",
            "export type StatusName = (typeof STATUSES)[number]['name'];",
            "",
            "/** Codes in the order of bars, tables and sentences. */",
            f"export const READING_ORDER: readonly number[] = {[status_code(s) for s in READING_ORDER]};",
            "",
            "/** Codes, the most worrying first: that which stands for many. */",
            f"export const WORST_FIRST: readonly number[] = {[status_code(s) for s in WORST_FIRST]};",
            "",
        ]
    )


def files() -> dict[Path, str]:
    """Give the text of each file."""
    return {
        FOLDER / "src" / "status_table.ts": status_table(),
        FOLDER / "style" / "theme.css": f"/* {NOTE} */\n{theme_stylesheet()}\n",
    }


def main() -> int:
    """Write the files, or check them."""
    old = {p: t for p, t in files().items() if not p.exists() or p.read_text(encoding="utf-8") != t}
    if "--check" in sys.argv[1:]:
        for path in old:
            print(f"{path.relative_to(FOLDER.parent)} is out of date: run scripts/export_style.py")
        return 1 if old else 0
    for path, text in old.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

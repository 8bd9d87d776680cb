"""A notebook that comes back to a failure."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbformat import v4

from ...display.formats import plain
from ...errors import RunError
from .failure_capsule import FailureCapsule

__all__ = ["write_notebook"]


def write_notebook(capsule: FailureCapsule, path: Path) -> Path:
    """Write the notebook, and a copy of the capsule beside it; see `FailureCapsule.notebook`."""
    copy = path.with_suffix(".failure.json")
    for file in (path, copy):
        if file.exists():
            raise RunError(f"{file} exists already.", hint="Give another name, or remove it.")
    cells = [
        v4.new_markdown_cell(
            f"# A failure of `{_plain(capsule.name)}`\n\n"
            f"In run `{_plain(capsule.run_id)}`:\n\n"
            f"```\n{_plain(capsule.exception)}: {_plain(capsule.message)}\n```"
        ),
        v4.new_code_cell("%load_ext jupyter_mpexec"),
        v4.new_code_cell(
            f"from jupyter_mpexec import FailureCapsule\n\ncapsule = FailureCapsule.load({copy.name!r})\ncapsule"
        ),
        v4.new_markdown_cell("The quantum again, with its inputs and its task:"),
        v4.new_code_cell("q = capsule.open()\nq"),
        v4.new_code_cell("inputs = dict(q.inputs)\ntask = q.task"),
        v4.new_markdown_cell("Once more, in memory; nothing is written:"),
        v4.new_code_cell("q.rerun()"),
        v4.new_markdown_cell(
            "Change `q.config`, or a method with `%%patch TaskClass.method`; then `q.rerun()`, `q.compare()`, and, if "
            "it is good, `q.promote()`."
        ),
    ]
    notebook = v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    try:
        capsule.save(copy)
        path.write_text(nbformat.writes(notebook), encoding="utf-8")
    except OSError as error:
        raise RunError(f"The notebook cannot be written to {path}: {error.strerror}.") from error
    return path.resolve()


def _plain(text: str) -> str:
    """Take away what could be more than text in Markdown, or what a file cannot hold."""
    return re.sub(r"[`\r]", "'", plain(text))

"""Execute the tutorial notebooks and store their outputs, with which the tests compare (`make notebooks`).

With arguments, only those notebooks: ``python scripts/update_notebooks.py 03_run_panel``.
"""

from __future__ import annotations

import getpass
import json
import os
import re
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Execute notebooks, each in a folder of its own."""
    wanted = [Path(name).stem for name in sys.argv[1:]]
    os.environ.update(JUPYTER_MPEXEC_LAYOUT="layered", COLUMNS="100")
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        if wanted and path.stem not in wanted:
            continue
        print(f"Running {path.relative_to(ROOT)}", flush=True)
        notebook = nbformat.read(path, as_version=4)
        with tempfile.TemporaryDirectory() as folder:
            os.environ["JUPYTER_MPEXEC_DATA"] = str(Path(folder) / "data")
            NotebookClient(
                notebook,
                timeout=1800,
                kernel_name="python3",
                # A panel without its kernel is of no use, and big; its static report is stored beside it.
                store_widget_state=False,
                resources={"metadata": {"path": folder}},
            ).execute()
            for cell in notebook.cells:
                cell.metadata.pop("execution", None)
                if cell.cell_type == "code":
                    cell.outputs = [_without_places(output, folder) for output in cell.outputs]
        nbformat.write(notebook, path)


def _without_places(output: nbformat.NotebookNode, folder: str) -> nbformat.NotebookNode:
    """Replace where this was run, and by whom, by something that nobody mistakes for their own."""
    text = json.dumps(output)
    for place, instead in ((folder, "/home/you/demo"), (str(ROOT), "/home/you/jupyter_mpexec")):
        text = text.replace(place, instead)
    text = re.sub(rf"(built by\W*(?:<[^>]*>)*\W*){getpass.getuser()}\b", r"\1you", text)
    return nbformat.from_dict(json.loads(text))


if __name__ == "__main__":
    main()

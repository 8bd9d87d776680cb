"""Execute the first tutorial notebook as a user would, and say where its result is."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

ROOT = Path(__file__).parents[1]
OUTPUT = ROOT / "demo_output"


def main() -> int:
    """Run the notebook; the exit code is 1 if a cell failed."""
    OUTPUT.mkdir(exist_ok=True)
    os.environ.setdefault("JUPYTER_MPEXEC_DATA", str(OUTPUT / "runs"))
    notebook = nbformat.read(ROOT / "notebooks" / "01_first_run.ipynb", as_version=4)
    print("Running notebooks/01_first_run.ipynb: a synthetic survey, from raw images to light curves.")
    start = time.monotonic()
    client = NotebookClient(
        notebook, timeout=1800, kernel_name="python3", resources={"metadata": {"path": str(OUTPUT)}}
    )
    # Each code cell is announced, so that a minute of work does not look like a hang.
    client.on_cell_execute = lambda cell, cell_index: _announce(cell)
    failed = None
    try:
        client.execute()
    except CellExecutionError as error:
        failed = error
    nbformat.write(notebook, OUTPUT / "01_first_run.ipynb")
    page, _ = HTMLExporter().from_notebook_node(notebook)
    (OUTPUT / "01_first_run.html").write_text(page, encoding="utf-8")
    if failed is not None:
        print(f"A cell failed:\n{failed}", file=sys.stderr)
        return 1
    print(f"Done in {time.monotonic() - start:.0f} s. Look at the result:")
    print(f"  {OUTPUT / '01_first_run.html'}   (in any browser)")
    print(f"  {OUTPUT / '01_first_run.ipynb'}  (`make lab` opens the notebooks)")
    print(f"  {OUTPUT / 'survey'}  (the Butler repository)")
    return 0


def _announce(cell: nbformat.NotebookNode) -> None:
    if cell.cell_type == "code":
        lines = [line for line in cell.source.splitlines() if line.strip() and not line.startswith("#")]
        print(f"  In: {lines[0][:90] if lines else ''}", flush=True)


if __name__ == "__main__":
    sys.exit(main())

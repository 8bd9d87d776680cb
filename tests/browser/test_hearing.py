"""The live views on a page that is too busy for anywidget's patience, in a real JupyterLab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .jupyter_page import NotebookPage

BUSY_PAGE = """
const timeout = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = milliseconds => {
  if (milliseconds !== 2000) return timeout(milliseconds);
  // The patience with a model that begins: over before its script can have been read.
  const controller = new AbortController();
  void Promise.resolve().then(() => controller.abort());
  return controller.signal;
};
"""

VIEWS = """
from IPython.display import display
from jupyter_mpexec.widgets.canvas import QuantumGrid, QuantumRows
from jupyter_mpexec.widgets.picks import Picks

grid, rows, picks = QuantumGrid(), QuantumRows(), Picks(label="Lines", on_pick=print)

def show(word):
    grid.show([word], ["1"], [(0, 0)], ["pending"], column_axis="detector", row_axis="visit", title=word)
    rows.show([(0, word, "", "", "", 0)])
    picks.show([([word], [], "")])

display(grid, rows, picks)
"""


def test_views_that_anywidget_has_given_up_are_live(open_notebook: Callable[..., NotebookPage]) -> None:
    notebook = open_notebook([f"{VIEWS}\nshow('first')", "show('second')"], script=BUSY_PAGE)
    page = notebook.page
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text))
    notebook.run_cell(0)
    wait_for_word(page, "first")
    notebook.run_cell(1)
    wait_for_word(page, "second")
    assert any("Failed to initialize model" in error for error in errors), "anywidget has given them up."


def wait_for_word(page: Any, word: str) -> None:
    page.locator(".jmpv-rows [role=option]", has_text=word).wait_for()
    page.locator(".jmpd [role=option]", has_text=word).wait_for()
    page.locator(".jmpv-grid", has_text=word).wait_for()

"""The run panel in a real JupyterLab and Notebook 7."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_mpexec.demo import DemoRepository

from .jupyter_page import NotebookPage
from .panel import (
    cells,
    ended,
    inspected,
    open_tab,
    press,
    quantum_rows,
    wait_for_count,
    wait_for_ended,
    wait_for_state,
    wait_until_idle,
)  # fmt: skip

Open = Callable[..., NotebookPage]

LAST_TASK = "lightCurves"
"""No other task needs what it makes."""

APPS = pytest.mark.parametrize("app", ["lab", "notebook"])


@APPS
def test_pause_step_inspect_finish_restart(
    open_notebook: Open, survey_template: DemoRepository, app: str
) -> None:
    first, second, third = cells(survey_template, "--background")
    # Paused at once, so that there is something left to see.
    notebook = open_notebook([first, f"{second}\nrun.pause()", third], app=app)
    page = notebook.page
    notebook.run_all()
    wait_for_state(page, "paused")
    wait_until_idle(page)
    before = ended(page)
    press(page, "Step")
    wait_for_ended(page, before + 1)
    _steer_in_the_table(page)

    # Saved in the middle of the run: the widget, and beside it the static summary.
    notebook.save()
    press(page, "Resume")
    wait_for_state(page, "succeeded")

    # From the task to its quanta, to one quantum, to a picture.
    page.locator(".jmpv-svg [data-id='task:isr']").first.click()
    open_tab(page, "Quanta")
    quantum_rows(page, "isr").first.click()
    inspected(page).filter(has_text="isr").wait_for()
    open_tab(page, "Inputs and outputs")
    datasets = page.locator(".jmpx-list select")
    datasets.locator("option", has_text="post_isr").wait_for(state="attached")
    datasets.select_option(
        label=next(t for t in datasets.locator("option").all_inner_texts() if "post_isr" in t)
    )
    press(page, "Show")
    page.locator(".jmpx-image img").wait_for()
    press(page, "To notebook")
    page.get_by_text("Now in the variable post_isr:").wait_for()
    assert notebook.execute("print(type(post_isr).__name__)").strip() == "Exposure"

    # A new kernel: the summary comes back, in the page as it is and in one that is opened anew.
    notebook.save()
    summary = page.locator(".jmpx-summary")
    assert not summary.is_visible()
    notebook.restart_kernel()
    summary.wait_for()
    assert not page.locator(".jmpx-panel").is_visible()
    notebook.open()
    summary.wait_for()
    page.wait_for_timeout(4000)  # JupyterLab looks for the widget for two seconds
    assert not any(found.is_visible() for found in page.get_by_text("not found").all())
    assert page.locator(".jmpx-summary table").first.is_visible()
    _check_saved(notebook.path)


def _steer_in_the_table(page: Any) -> None:
    """Cancel the last quantum, take that back, and skip it."""
    open_tab(page, "Quanta")
    table = page.locator(".jmpx-quanta")
    quantum_rows(page, LAST_TASK).first.click()
    for label, word in (("Cancel", "cancelled"), ("Rerun", "pending"), ("Skip", "skipped")):
        press(table, label)
        inspected(page).filter(has_text=word).wait_for()
        quantum_rows(page, LAST_TASK).first.wait_for()
    wait_for_count(page, "1 skipped")
    open_tab(page, "Graph")


def _check_saved(path: Path) -> None:
    saved = nbformat.read(path, as_version=4)
    shown, live = (output for output in saved.cells[1].outputs if output.output_type == "display_data")
    assert "Succeeded" in shown.data["text/html"] or "succeeded" in shown.data["text/html"]
    model = live.data["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert re.fullmatch(r"mpexec-u-me-panel-\d{8}T\d{6}-[0-9a-f]{6}-\d+", model)
    subprocess.run(
        [sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", str(path)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    page = path.with_suffix(".html").read_text(encoding="utf-8")
    assert "jmpx-summary" in page
    assert "not found" not in page
    assert model not in page


@pytest.mark.parametrize(
    ("app", "options"), [("lab", ""), ("notebook", ""), ("lab", "-j 2")], ids=["lab", "notebook", "workers"]
)
def test_buttons_while_the_cell_is_busy(
    open_notebook: Open, survey_template: DemoRepository, app: str, options: str
) -> None:
    notebook = open_notebook(cells(survey_template, options), app=app)
    page = notebook.page
    notebook.run_all()
    wait_for_state(page, "running")
    press(page, "Pause")
    wait_for_state(page, "paused")
    wait_until_idle(page)
    before = ended(page)
    page.wait_for_timeout(1000)
    assert ended(page) == before, "Nothing starts in a paused run."
    after = page.locator(".jp-OutputArea-output", has_text="next cell")
    assert after.count() == 0, "The cell is still busy."
    press(page, "Step")
    wait_for_ended(page, before + 1)
    press(page, "Resume")
    wait_for_state(page, "succeeded")
    after.wait_for()

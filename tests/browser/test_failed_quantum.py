"""A quantum fails, another one hangs: both are found, inspected and mended in the panel."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_mpexec.demo import DemoRepository

from .jupyter_page import NotebookPage
from .panel import (
    cells,
    click_cell,
    inspected,
    open_tab,
    press,
    quantum_rows,
    wait_for_count,
    wait_for_state,
)  # fmt: skip

SICK = """
import time
from jupyter_mpexec.demo.tasks.detect import DetectTask

healthy, calls = DetectTask.run, 0

def sick(self, *arguments, **more):
    global calls
    calls += 1
    if calls == 1:
        raise RuntimeError("clouds in front of the telescope")
    while calls == 2:
        time.sleep(0.05)
    return healthy(self, *arguments, **more)

DetectTask.run = sick
"""


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_inspect_cancel_mend_retry_restart(
    open_notebook: Callable[..., NotebookPage], survey_template: DemoRepository, app: str
) -> None:
    first, second, third = cells(survey_template, "--background")
    notebook = open_notebook([first + SICK, second, third], app=app)
    page = notebook.page
    notebook.run_all()

    # The one that hangs, by mouse: its task in the graph, its cell in the grid.
    wait_for_count(page, "1 failed")
    page.locator(".jmpv-svg [data-id='task:detect']").click()
    click_cell(page, "running")
    inspected(page).filter(has_text="running").wait_for()
    notebook.take_picture(f"running-{app}")

    # In the table, failed quanta are first.
    open_tab(page, "Quanta")
    quantum_rows(page, "running").wait_for()
    assert "failed" in quantum_rows(page, "").first.inner_text()
    quantum_rows(page, "failed").first.click()
    inspected(page).filter(has_text="failed").wait_for()
    facts = page.locator(".jmpx-inspector .jmpx-problem")
    facts.filter(has_text="RuntimeError: clouds in front of the telescope").wait_for()
    assert "in sick" in page.locator(".jmpx-inspector pre").first.inner_text()
    notebook.take_picture(f"failed-{app}")
    quantum_rows(page, "running").click()
    inspected(page).filter(has_text="running").wait_for()
    press(page.locator(".jmpx-inspector"), "Cancel")
    inspected(page).filter(has_text="cancelled").wait_for()
    wait_for_state(page, "failed")
    notebook.take_picture(f"ended-{app}")
    open_tab(page, "Graph")
    page.locator(".jmpv-grid button", has_text="✗ next").click()
    inspected(page).filter(has_text="failed").wait_for()

    notebook.execute("DetectTask.run = healthy")
    page.locator(".jmpx-panel button", has_text="Retry failed").click()
    wait_for_state(page, "succeeded")
    inspected(page).filter(has_text="succeeded").wait_for()
    notebook.take_picture(f"mended-{app}")

    notebook.save()
    notebook.restart_kernel()
    summary = page.locator(".jmpx-summary")
    summary.wait_for()
    assert "Succeeded" in summary.inner_text() or "succeeded" in summary.inner_text()
    assert not page.locator(".jmpx-panel").is_visible()

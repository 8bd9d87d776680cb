"""The panel with the keyboard alone, in a real JupyterLab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_mpexec.demo import DemoRepository

from .jupyter_page import NotebookPage
from .panel import (
    cells,
    ended,
    header,
    inspected,
    quantum_rows,
    wait_for_count,
    wait_for_ended,
    wait_for_state,
    wait_until_idle,
)  # fmt: skip

_FOCUSED = """() => {
  const { activeElement: e } = document;
  return e.getAttribute('aria-label') || e.innerText || e.tagName;
}"""

MOST_STEPS = 20
"""So many times Tab may be needed to get from one thing of the panel to another."""


def wait_for_focus(page: Any, name: str) -> None:
    """Wait until what has a name, or begins with it, has the focus."""
    page.wait_for_function(f"name => ({_FOCUSED})().trim().startsWith(name)", arg=name)


def tab_to(page: Any, name: str) -> None:
    """Press Tab until what has a name, or begins with it, has the focus."""
    seen = []
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(_FOCUSED).strip())
        if seen[-1].startswith(name):
            return
    raise AssertionError(f"Tab does not lead to {name!r}, but to {seen}.")


def test_all_the_way(open_notebook: Callable[..., NotebookPage], survey_template: DemoRepository) -> None:
    first, second, _ = cells(survey_template, "--background")
    watch = "import time\nwhile run.report.ended < 2: time.sleep(0.1)\nrun.pause()"
    notebook = open_notebook([first, f"{second}\n{watch}"])
    page = notebook.page
    notebook.run_all()
    wait_for_state(page, "paused")
    wait_until_idle(page)

    # Each button is disabled by being pressed; the focus goes to the other one.
    page.locator(".jmpx-panel .jupyter-button", has_text="Step").first.focus()
    tab_to(page, "Resume")
    page.keyboard.press("Enter")
    wait_for_focus(page, "Pause")
    wait_for_state(page, "running")
    page.keyboard.press("Space")
    wait_for_focus(page, "Resume")
    wait_for_state(page, "paused")
    wait_until_idle(page)

    # From the graph to a task, to a quantum.
    tab_to(page, "Graph")
    tab_to(page, "Task isr")
    page.keyboard.press("ArrowRight")
    wait_for_focus(page, "Task detect")
    page.keyboard.press("ArrowLeft")
    wait_for_focus(page, "Task isr")
    page.keyboard.press("Enter")
    grid = page.locator(".jmpv-grid .jmpv-scroller").first
    grid.wait_for()
    tab_to(page, "Quanta of the selected task")
    for key in ("ArrowDown", "End", "Enter"):
        page.keyboard.press(key)
    inspected(page).filter(has_text="isr").wait_for()
    wait_for_focus(page, "Quanta of the selected task")

    # Tabs.
    page.locator(".jmpx-panel").get_by_role("tab", name="Graph", exact=True).focus()
    for name in ("Timeline", "Quanta"):
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        page.locator(".jmpx-panel [role=tab][aria-selected=true]", has_text=name).wait_for()

    # The first row of the table is taken out of the run, and that is taken back.
    quantum_rows(page, "HSC").first.wait_for()
    tab_to(page, "Quanta of the run")
    page.keyboard.press("End")
    inspected(page).filter(has_text="succeeded").wait_for()
    page.keyboard.press("Home")
    inspected(page).filter(has_text="pending").wait_for()
    tab_to(page, "Cancel")
    page.keyboard.press("Enter")
    wait_for_count(page, "1 cancelled")
    page.keyboard.press("Shift+Tab")
    wait_for_focus(page, "Rerun")
    page.keyboard.press("Space")
    inspected(page).filter(has_text="pending").wait_for()
    header(page).locator(".jmpx-badges", has_text="cancelled").wait_for(state="hidden")

    # To the end: where there is nothing left to steer, the focus stays in the panel.
    before = ended(page)
    page.locator(".jmpx-panel .jupyter-button", has_text="Step").first.focus()
    page.keyboard.press("Enter")
    wait_for_ended(page, before + 1)
    tab_to(page, "Stop")
    page.keyboard.press("Enter")
    wait_for_state(page, "stopped")
    page.wait_for_function(
        "() => document.querySelector('.jmpx-panel .jmpx-buttons').contains(document.activeElement)"
    )

"""A planted bug is found, patched, compared and promoted in the panel; the kernel stays free meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_mpexec.demo import DemoRepository

from .jupyter_page import NotebookPage
from .panel import cells, inspected, open_tab, press, quantum_rows, wait_for_count, wait_for_state

BUG = """
from jupyter_mpexec.demo.tasks.detect import DetectTask

right = DetectTask._background

def _background(self, exposure, covered):
    sky = right(self, exposure, covered)
    if int(exposure.header["EXPID"]) == 903334:
        sky = sky[:, :-1]
    return sky

DetectTask._background = _background
"""

FREE = """
import ipywidgets
button, answer = ipywidgets.Button(description="Ask"), ipywidgets.Label("no answer yet")
button.on_click(lambda _: setattr(answer, "value", f"answered {1 + 1}"))
ipywidgets.VBox([button, answer])
"""

WRONG, RIGHT = (
    f"%%patch DetectTask._background\ndef _background(self, exposure, covered):\n    return {value}\n"
    for value in ("0 * right(self, exposure, covered)", "right(self, exposure, covered)")
)


def pane(page: Any) -> Any:
    return page.locator(".jmpx-debug")


def current_line(page: Any, text: str) -> Any:
    return pane(page).locator(".jmpd-now", has_text=text)


def variable(page: Any, name: str) -> Any:
    return pane(page).locator(".jmpx-debug-variables [role=option]", has_text=name)


def test_break_pause_look_patch_compare_promote(
    open_notebook: Callable[..., NotebookPage], survey_template: DemoRepository
) -> None:
    first, second, _ = cells(survey_template, "--background")
    notebook = open_notebook([first + BUG, f"{second}\nrun.wait()", FREE, WRONG, RIGHT])
    page = notebook.page
    for number in range(2):
        notebook.run_cell(number)
    wait_for_count(page, "1 failed")
    wait_for_state(page, "failed")
    open_tab(page, "Quanta")
    quantum_rows(page, "failed").first.click()
    inspected(page).filter(has_text="failed").wait_for()

    # How it was when it failed: nothing has been run again for this.
    press(page, "Debug here")
    current_line(page, "exposure.image - first").wait_for()
    notebook.take_picture("debug-post-mortem")

    press(pane(page), "Start")
    current_line(page, "saturated = exposure.flagged").wait_for()

    # While it is paused, the notebook is free.
    notebook.run_cell(2)
    page.get_by_role("button", name="Ask").click()
    page.get_by_text("answered 2").wait_for()
    assert notebook.execute("print(1 + 1)").strip() == "2"

    # Look, step with a key, set a breakpoint with a click.
    variable(page, "exposure").first.click()
    pane(page).locator(".jmpx-image img").wait_for()
    notebook.take_picture("debug-paused")
    pane(page).locator(".jmpx-debug-source .jmpd").focus()
    page.keyboard.press("F10")
    current_line(page, "first = self._background").wait_for()
    line = pane(page).locator(
        ".jmpx-debug-source [role=option]", has_text="find_sources(exposure.image - first"
    )
    line.locator("span").first.click()
    pane(page).locator(".jmpd-stop", has_text="find_sources(exposure.image - first").wait_for()
    page.keyboard.press("F8")
    current_line(page, "exposure.image - first").wait_for()
    variable(page, "first").filter(has_text="float32").wait_for()
    # A cell of its own sees the frame, too.
    look = "get_ipython().run_line_magic('frame', 'first.shape[1] - exposure.image.shape[1]')"
    assert notebook.execute(f"print({look})").strip() == "-1"
    press(pane(page), "Continue")
    pane(page).locator(".jmpx-problem", has_text="could not be broadcast").wait_for()
    press(pane(page), "Continue")
    pane(page).get_by_text("Rerun failed").wait_for()

    # Patch it, wrongly at first; compare; promote.
    notebook.run_cell(3)
    pane(page).get_by_text("Reruns use your version of").wait_for()
    press(pane(page), "Rerun")
    pane(page).get_by_text("Attempt 2", exact=True).first.wait_for()
    notebook.run_cell(4)
    page.get_by_text("is patched for reruns").nth(1).wait_for()
    press(pane(page), "Rerun")
    pane(page).get_by_text("Attempt 3", exact=True).first.wait_for()
    pane(page).get_by_text("attempt 2 → attempt 3").wait_for()
    pane(page).locator("img[alt*='difference']").first.wait_for()
    notebook.take_picture("debug-compared")
    press(pane(page), "Promote")
    pane(page).get_by_text("in the output run", exact=True).first.wait_for()
    page.locator(".jmpx-panel button", has_text="Resume").click()
    wait_for_state(page, "succeeded")
    inspected(page).filter(has_text="succeeded").wait_for()


def test_configuration_exceptions_and_a_second_quantum_in_notebook_7(
    open_notebook: Callable[..., NotebookPage], survey_template: DemoRepository
) -> None:
    first, second, _ = cells(survey_template, "--background")
    notebook = open_notebook([first + BUG, f"{second}\nrun.wait()"], app="notebook")
    page = notebook.page
    for number in range(2):
        notebook.run_cell(number)
    wait_for_state(page, "failed")
    open_tab(page, "Quanta")
    quantum_rows(page, "failed").first.click()
    inspected(page).filter(has_text="failed").wait_for()
    press(page, "Debug here")
    current_line(page, "exposure.image - first").wait_for()

    # What makes no sense is said beside the text, and nothing starts with it.
    press(pane(page), "Config")
    text = pane(page).locator(".jmpx-debug-config textarea")
    text.fill("treshold = 12.5")
    press(pane(page), "Apply")
    pane(page).get_by_text("Did you mean").wait_for()
    text.fill("threshold = 12.5")
    press(pane(page), "Start")
    current_line(page, "saturated = exposure.flagged").wait_for()
    pane(page).get_by_text("threshold = 12.5").first.wait_for()
    notebook.take_picture("debug-config")

    # A key steps; exceptions are not to pause any more.
    pane(page).locator(".jmpx-debug-source .jmpd").focus()
    page.keyboard.press("F10")
    current_line(page, "first = self._background").wait_for()
    pane(page).get_by_label("Exceptions").select_option("never pause")
    pane(page).get_by_text("breakpoints.exceptions = 'never'").wait_for()

    # Another quantum beside it.
    quantum_rows(page, "succeeded").first.click()
    pane(page).get_by_text("Selected above:").wait_for()
    press(pane(page), "Debug the selected one")
    pane(page).get_by_text("Choose where to pause").wait_for()
    press(pane(page), "Start")
    pane(page).locator(".jmpx-debug-state", has_text="Paused").wait_for()
    notebook.take_picture("debug-two")
    pane(page).get_by_label("Open").select_option(index=0)
    current_line(page, "first = self._background").wait_for()
    press(pane(page), "Continue")
    pane(page).get_by_text("Rerun failed").wait_for()
    pane(page).locator(".jmpx-problem", has_text="could not be broadcast").wait_for()
    pane(page).get_by_label("Open").select_option(index=1)
    press(pane(page), "Abandon")
    pane(page).locator(".jmpx-debug-state", has_text="Abandoned").wait_for()

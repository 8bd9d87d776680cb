"""Runs in a process of their own: steered, killed, gone on with, and come back to."""

from __future__ import annotations

from collections.abc import Callable

from jupyter_mpexec.demo import DemoRepository

from .jupyter_page import NotebookPage
from .panel import cells, ended, press, wait_for_ended, wait_for_state, wait_until_idle

KILL = "import os, signal; os.kill(run.report.started.pid, signal.SIGKILL)"


def test_steer_kill_resume_attach(
    open_notebook: Callable[..., NotebookPage], survey_template: DemoRepository
) -> None:
    first, second, _ = cells(survey_template, "-j 2 --background")
    notebook = open_notebook([first, f"{second}\nrun.pause()", "%pipetask attach", "%pipetask attach"])
    page = notebook.page
    panels = page.locator(".jmpx-panel")
    notebook.run_cell(0)
    notebook.run_cell(1)
    wait_for_state(page, "paused")
    wait_until_idle(page)
    before = ended(page)
    press(page, "Step")
    wait_for_ended(page, before + 1)
    notebook.take_picture("detached-paused")

    # Come back to it in another cell: both panels show it, and steer it.
    notebook.run_cell(2)
    wait_for_state(panels.nth(1), "paused")
    press(panels.nth(1), "Step")
    wait_for_ended(panels.nth(1), before + 2)
    wait_for_ended(panels.first, before + 2)

    notebook.execute(KILL)
    wait_for_state(panels.first, "dead")
    wait_for_state(panels.nth(1), "dead")
    panels.first.locator(".jmpx-problem", has_text="%pipetask resume u-me-panel").wait_for()
    notebook.take_picture("detached-killed")
    press(panels.first, "Resume")
    wait_for_state(panels.first, "succeeded")
    notebook.take_picture("detached-resumed")

    # It is over: there is a panel all the same.
    notebook.run_cell(3)
    wait_for_state(panels.nth(2), "succeeded")
    wait_for_ended(panels.nth(2), 56)

"""The list of runs in JupyterLab: a run from a terminal is seen, followed, attached to and stopped."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from jupyter_mpexec.demo import DemoRepository
from jupyter_mpexec.events import RunFinished, RunStarted
from jupyter_mpexec.execution.control_socket import RemoteControl
from jupyter_mpexec.execution.run_folder import RunFolder
from jupyter_mpexec.status import RunState
from tests.support.waiting import wait_until

from .jupyter_page import NotebookPage, Server


@pytest.fixture
def start_run(
    serve: Callable[[str], Server], survey_template: DemoRepository, tmp_path: Path
) -> Iterator[Callable[[str], None]]:
    """Start a run as from a terminal; it has the runs folder of the server."""
    with ExitStack() as stack:

        def start(output: str) -> None:
            shutil.copytree(survey_template.root, tmp_path / "survey")
            process = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", "jupyter_mpexec", "run", "-b", str(tmp_path / "survey")),
                    *("-j", "2", "-p", str(survey_template.pipeline), "-i", str(survey_template.inputs)),
                    *("-o", output, "--register-dataset-types"),
                ],
                env=serve("lab").environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(process.wait, 60)
            stack.callback(process.terminate)

        yield start


def show_runs(page: Any) -> None:
    page.evaluate("() => window.jupyterapp.commands.execute('mpexec:show-runs')")


def test_a_run_from_a_terminal(
    open_notebook: Callable[..., NotebookPage],
    start_run: Callable[[str], None],
    serve: Callable[[str], Server],
) -> None:
    # Nothing is run: what is inserted works in a kernel that has just been started.
    notebook = open_notebook(["%load_ext jupyter_mpexec"])
    page = notebook.page
    cells = page.locator(".jp-Notebook .jp-Cell")
    # Also when somebody goes on to another cell in the same moment.
    page.evaluate(
        """() => {
          const { commands, shell } = window.jupyterapp;
          commands.execute('mpexec:debug-quantum');
          shell.currentWidget.content.activeCellIndex = 0;
        }"""
    )
    cells.nth(1).locator(".jp-OutputArea-output", has_text="RunError: ").wait_for()
    assert cells.nth(0).locator(".jp-InputPrompt").inner_text() == "[ ]:"
    show_runs(page)
    page.locator(".jmpl-runs").wait_for()

    start_run("u/me/terminal")
    run = page.locator(".jmpl-run", has_text="u/me/terminal")
    run.locator(".jmpl-state", has_text="running").wait_for()
    # It is followed without anybody touching anything.
    run.locator(".jmpl-bar .jmpx-s-succeeded").wait_for()
    run.get_by_text("of 56").wait_for()
    # As somebody in another notebook would; so that there is time to look at it.
    [folder] = (serve("lab").root / ".home" / "mpexec" / "runs").glob("u-me-terminal-*")
    RemoteControl(RunFolder(folder)).pause()
    run.locator(".jmpl-state", has_text="paused").wait_for()
    notebook.take_page("runs-running")

    run.locator(".jmpl-run-head").click()
    run.get_by_role("button", name="Attach").click()
    page.locator(".jmpx-panel").first.wait_for()
    assert "%pipetask attach u-me-terminal" in page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.getSource()"
        " + window.jupyterapp.shell.currentWidget.content.widgets.map("
        "c => c.model.sharedModel.getSource()).join()"
    )

    run.get_by_role("button", name="Open").click()
    tab = page.locator(".jmpl-page", has_text="u/me/terminal")
    tab.locator(".jmpv-graph .jmpv-node").first.wait_for()
    notebook.take_page("run-tab")

    run.get_by_role("button", name="Stop").click()
    page.locator(".jp-Dialog").get_by_role("button", name="Stop").click()
    run.locator(".jmpl-state", has_text="stopped").wait_for()
    tab.locator(".jmpl-state", has_text="stopped").wait_for()
    run.get_by_role("button", name="Resume").wait_for()
    notebook.take_page("runs-stopped")

    # Why it cannot be resumed stays where it is seen, until it is dismissed.
    graph = RunFolder(folder).graph_file
    graph.rename(folder / "elsewhere.qg")
    run.get_by_role("button", name="Resume").click()
    assert run.get_by_role("button", name="Resuming").is_disabled()
    error = page.locator(".jmpl-runs").get_by_role("alert")
    error.get_by_text("u/me/terminal was not resumed").wait_for()
    tab.get_by_role("alert").get_by_text("was not resumed").wait_for()
    notebook.take_page("runs-not-resumed")
    error.get_by_role("button", name="Dismiss").click()
    error.wait_for(state="detached")
    assert tab.get_by_role("alert").count() == 0
    (folder / "elsewhere.qg").rename(graph)

    run.get_by_role("button", name="Report").click()
    frame = page.frame_locator("iframe.jmpl-frame")
    frame.get_by_text("Tasks").first.wait_for()
    notebook.take_page("run-report")
    # Asked for again it is the report of now; and it has the theme of now.
    RunFolder(folder).journal(RunFinished(time=time.time(), state=RunState.FAILED, error="the sky fell down"))
    run.get_by_role("button", name="Report").click()
    frame.get_by_text("the sky fell down").first.wait_for()
    notebook.change_theme("dark")
    frame.locator("html[data-theme=dark]").wait_for(state="attached")
    notebook.change_theme("light")

    # Both tabs are there again when the page is.
    saved = serve("lab").root / ".home" / "config" / "lab" / "workspaces"
    wait_until(lambda: any("jupyter-mpexec-report-" in file.read_text() for file in saved.iterdir()))
    page.reload()
    frame.get_by_text("the sky fell down").first.wait_for()
    page.locator(".lm-TabBar-tab", has_text="u/me/terminal").first.click()
    tab.locator(".jmpl-state", has_text="failed").wait_for()
    notebook.take_page("runs-restored")

    # A server that is away is said once, where it matters, in words for people; and it goes on by itself.
    look, routes = page.get_by_role("button", name="Look again"), re.compile("/mpexec/runs")
    places = [page.locator(".jmpl-runs"), tab]
    page.route(routes, lambda route: route.abort())
    look.click()
    for place in places:
        place.get_by_role("alert").get_by_text("The Jupyter server does not answer.").wait_for()
    assert page.locator(".jp-Dialog").count() == 0
    page.unroute(routes)
    look.click()
    for place in places:
        place.get_by_role("alert").wait_for(state="detached")

    run.locator(".jmpl-run-head").click()
    run.get_by_role("button", name="Delete").click()
    page.locator(".jp-Dialog").get_by_role("button", name="Delete").click()
    run.wait_for(state="detached")


def test_it_is_in_notebook_7(
    open_notebook: Callable[..., NotebookPage], serve: Callable[[str], Server]
) -> None:
    notebook = open_notebook(["1 + 1"], app="notebook")
    page = notebook.page
    show_runs(page)
    # Other tests may have run something in this server.
    runs = page.locator(".jmpl-runs")
    runs.get_by_text("No runs yet.").or_(runs.locator(".jmpl-run")).first.wait_for()
    page.locator(".jp-Toolbar-item[data-jp-item-name='mpexec-run-pipeline']").wait_for()

    # There is room for one document only, so that runs and reports go below it.
    folder = RunFolder(
        serve("notebook").root / ".home" / "mpexec" / "runs" / "u-me-below-20260101T000000-abcdef"
    )
    folder.journal(
        RunStarted(
            time=time.time(), run_id="x", output_run="u/me/below/run", output="u/me/below", quanta={"isr": 3}
        )
    )
    run = page.locator(".jmpl-run", has_text="u/me/below")
    run.locator(".jmpl-run-head").click()
    below = page.locator("#jp-down-stack")
    run.get_by_role("button", name="Open").click()
    below.locator(".jmpl-page", has_text="u/me/below").wait_for()
    notebook.take_page("notebook-run")
    run.get_by_role("button", name="Report").click()
    page.frame_locator("#jp-down-stack iframe.jmpl-frame").get_by_text("u/me/below/run").first.wait_for()
    notebook.take_page("notebook-report")
    for name in ("u/me/below", "Report: u/me/below"):
        below.get_by_role("tab", name=name, exact=True).locator(".lm-TabBar-tabCloseIcon").click()
    below.wait_for(state="hidden")

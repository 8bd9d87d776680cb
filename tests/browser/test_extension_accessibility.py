"""axe-core finds nothing serious in what the extension adds to JupyterLab, in light and in dark."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_mpexec.demo import DemoRepository

from .jupyter_page import NotebookPage, Server
from .test_accessibility import AXE

VIEWS = ".jmpl, .jmpl-output, .jmpl-dialog"


def violations(page: Any, where: str) -> list[str]:
    found = page.evaluate(
        """async views => {
          const shown = [...document.querySelectorAll(views)].filter(view => view.offsetParent);
          return (await axe.run(shown, { resultTypes: ['violations'] })).violations;
        }""",
        VIEWS,
    )
    return [
        f"{where}: {one['id']} ({one['impact']}): {one['help']}: {node['html'][:200]} {node['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: cd labextension && npm ci")
def test_nothing_serious_in_the_extension(
    open_notebook: Callable[..., NotebookPage],
    survey_template: DemoRepository,
    serve: Callable[[str], Server],
) -> None:
    pipeline = (
        f"from jupyter_mpexec import PipelineBuilder\nPipelineBuilder({str(survey_template.pipeline)!r})"
    )
    notebook = open_notebook([pipeline])
    page, folder = notebook.page, notebook.path.parent
    command = [
        *(sys.executable, "-P", "-m", "jupyter_mpexec", "run", "-b", str(folder / "survey")),
        *("-p", f"{survey_template.pipeline}#isr", "-i", str(survey_template.inputs), "-o", "u/me/axe"),
        *("--register-dataset-types", "--save-qgraph", str(folder / "survey.qg")),
    ]
    subprocess.run(command, env=serve("lab").environment, check=True, capture_output=True)
    shutil.copy(survey_template.pipeline, folder / "survey.yaml")
    notebook.run_cell(0)
    page.locator(".jmpl-output .jmpv-node").first.wait_for()
    page.add_script_tag(path=AXE)
    found: list[str] = []

    def look(name: str) -> None:
        for theme in ("dark", "light"):
            notebook.change_theme(theme)
            page.wait_for_timeout(700)
            notebook.take_page(f"extension-{name}-{theme}")
            found.extend(violations(page, f"{name}, {theme}"))

    def run(command: str, **arguments: str) -> None:
        page.evaluate(
            "([command, args]) => { window.jupyterapp.commands.execute(command, args) }",
            [command, arguments],
        )

    run("mpexec:show-runs")
    entry = page.locator(".jmpl-run", has_text="u/me/axe")
    entry.locator(".jmpl-run-head").click()
    look("output")
    entry.get_by_role("button", name="Open").click()
    page.locator(".jmpl-page .jmpv-node").first.wait_for()
    look("run")
    run("docmanager:open", path=f"{folder.name}/survey.qg")
    row = page.locator(".jmpl-page .jmpl-row").first
    row.wait_for()
    row.click()
    page.locator(".jmpl-details table").wait_for()
    look("graph")
    run("mpexec:open-pipeline", path=f"{folder.name}/survey.yaml")
    page.locator(".jmpl-page [data-id='task:lightCurves']").wait_for()
    look("pipeline")
    run("mpexec:run-pipeline")
    page.locator(".jp-Dialog .jmpl-form").wait_for()
    look("form")
    assert not found, "\n".join(sorted(set(found)))

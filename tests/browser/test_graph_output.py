"""Graphs in outputs: interactive where the extension is, and a picture everywhere else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_mpexec.demo import DemoRepository
from jupyter_mpexec.display.graph_output import GRAPH_TYPE

from .jupyter_page import ROOT, NotebookPage

WARP = ".jmpl-output .jmpv-node[data-id='task:warp']"


def show_pipeline(survey: DemoRepository) -> str:
    return f"from jupyter_mpexec import PipelineBuilder\nPipelineBuilder({str(survey.pipeline)!r})"


def is_dim(page: Any, node: str) -> bool:
    css = page.locator(f".jmpl-output .jmpv-node[data-id='{node}']").get_attribute("class")
    return "jmpv-dim" in css.split()


def click_warp(page: Any) -> None:
    """Click a task: what it needs and feeds stays bright, all else becomes dim."""
    page.locator(WARP).click()
    page.get_by_text("warp: 3 tasks upstream, 5 downstream").wait_for()
    assert not any(is_dim(page, node) for node in ("dataset-type:raw", "task:isr", "task:lightCurves"))
    assert is_dim(page, "task:consolidateVisit")


def test_a_pipeline_answers_also_without_a_kernel(
    open_notebook: Callable[..., NotebookPage], survey_template: DemoRepository
) -> None:
    notebook = open_notebook([show_pipeline(survey_template)])
    page = notebook.page
    notebook.run_cell(0)
    page.locator(".jmpl-output .jmpv-node").nth(28).wait_for()
    assert page.locator(".jmpx-live, .jmpx-still").count() == 0
    # The rest of the output is what it was.
    page.get_by_text("pipetask options").wait_for()
    page.locator("summary", has_text="19 dataset types").wait_for()
    click_warp(page)
    notebook.take_page("graph-output")
    notebook.change_theme("dark")
    notebook.take_page("graph-output-dark")
    notebook.change_theme("light")

    notebook.save()
    notebook.shut_down()
    page.reload()
    page.locator(".jmpl-output .jmpv-node").nth(28).wait_for()
    click_warp(page)


@pytest.fixture(scope="module")
def stored(survey_template: DemoRepository, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the output of a pipeline, as a notebook stores it."""
    path = tmp_path_factory.mktemp("stored") / "stored.ipynb"
    cell = nbformat.v4.new_code_cell(show_pipeline(survey_template))
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--execute", "--to", "notebook", "--inplace", str(path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
    )
    [output] = json.loads(path.read_text())["cells"][0]["outputs"]
    assert GRAPH_TYPE in output["data"]
    return dict(output)


def write(path: Path, *outputs: Any) -> None:
    cells = [nbformat.v4.new_code_cell("1", outputs=[nbformat.from_dict(output)]) for output in outputs]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)


def changed(output: dict[str, Any], graph: Any, html: str = "") -> dict[str, Any]:
    data = {**output["data"], GRAPH_TYPE: graph}
    if html:
        data["text/html"] = html
    return {**output, "data": data}


def open_other(notebook: NotebookPage, name: str) -> None:
    page = notebook.page
    page.evaluate(
        "path => window.jupyterapp.commands.execute('docmanager:open', { path })",
        f"{notebook.path.parent.name}/{name}",
    )
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output").first.wait_for()


def test_a_notebook_that_is_not_trusted(
    open_notebook: Callable[..., NotebookPage], stored: dict[str, Any]
) -> None:
    notebook = open_notebook([])
    page = notebook.page
    harm = "<img src=x onerror='window.harmed=1'><script>window.harmed=1</script>"
    graph = json.loads(json.dumps(stored["data"][GRAPH_TYPE]).replace("warp", "<img src=x onerror=harm()>"))
    page.evaluate("() => { window.harm = () => { window.harmed = 1; } }")
    html = "".join(stored["data"]["text/html"]) + harm
    write(notebook.path.parent / "other.ipynb", changed(stored, graph, html))
    open_other(notebook, "other.ipynb")
    page.locator(".jmpl-output .jmpv-node", has_text="onerror").first.wait_for()
    page.locator(".jmpl-output .jmpv-node[data-id='task:isr']").click()
    page.get_by_text("isr: 0 tasks upstream, 9 downstream").wait_for()
    assert page.locator(".jmpl-output img, .jp-OutputArea script").count() == 0
    assert page.evaluate("() => window.harmed") is None


def test_the_picture_stays_where_the_graph_cannot_be_read(
    open_notebook: Callable[..., NotebookPage], stored: dict[str, Any]
) -> None:
    notebook = open_notebook([])
    page = notebook.page
    good = stored["data"][GRAPH_TYPE]
    scene = json.loads(good["scene"])
    far = {**scene, "nodes": [{**scene["nodes"][0], "x": "far"}]}
    bad = [{"version": 99, "boxes": []}, {**good, "scene": "["}, {**good, "scene": json.dumps(far)}]
    write(notebook.path.parent / "bad.ipynb", *(changed(stored, graph) for graph in bad))
    open_other(notebook, "bad.ipynb")
    # Not trusted, so that it is the image.
    page.locator(".jp-OutputArea img.jmpx-still").nth(len(bad) - 1).wait_for()
    page.wait_for_timeout(500)
    assert page.locator(".jp-OutputArea img.jmpx-still").count() == len(bad)
    assert page.locator(".jmpl-output").count() == 0
    notebook.take_page("graph-output-bad")


def test_who_does_not_know_it_shows_the_picture(stored: dict[str, Any], tmp_path: Path) -> None:
    without = {**stored, "data": {k: v for k, v in stored["data"].items() if k != GRAPH_TYPE}}
    pages = []
    for output in (stored, without):
        write(tmp_path / "page.ipynb", output)
        command = [sys.executable, "-m", "nbconvert", "--to", "html", str(tmp_path / "page.ipynb")]
        subprocess.run(command, check=True, capture_output=True)
        pages.append((tmp_path / "page.html").read_text().partition('<div class="jp-OutputArea')[2])
    assert "<svg" in pages[0]
    assert pages[0] == pages[1]

"""Files in JupyterLab: quantum graphs as pages, pipeline files as diagrams that follow edits."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_mpexec.demo import DemoRepository
from tests.support.large_graph import write_large_graph
from tests.support.waiting import wait_until

from .jupyter_page import NotebookPage, Server

TABS = (("graph", "survey.qg"), ("graph", "lost.qg"), ("diagram", "survey.yaml"))
OPEN = "path => window.jupyterapp.commands.execute('docmanager:open', { path })"


@pytest.fixture(scope="module")
def graph_file(
    serve: Callable[[str], Server], survey_template: DemoRepository, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    file = tmp_path_factory.mktemp("graph") / "survey.qg"
    subprocess.run(
        [
            *(sys.executable, "-P", "-m", "jupyter_mpexec", "qgraph", "-b", str(survey_template.root)),
            *("-p", str(survey_template.pipeline), "-i", str(survey_template.inputs)),
            *("-o", "u/me/graph", "-q", str(file)),
        ],
        env=serve("lab").environment,
        check=True,
        capture_output=True,
    )
    return file


def pages(first: int, last: int, total: str) -> str:
    return f"{first}\u2013{last} of {total}"


def place(notebook: NotebookPage, name: str) -> str:
    return f"{notebook.path.parent.name}/{name}"


def rename(notebook: NotebookPage, old: str, new: str) -> None:
    notebook.page.evaluate(
        "names => window.jupyterapp.serviceManager.contents.rename(...names)",
        [place(notebook, old), place(notebook, new)],
    )


def bottom(locator: Any) -> float:
    """Where something ends on the page, in pixels."""
    box = locator.bounding_box()
    return float(box["y"] + box["height"])


def test_graph_file(open_notebook: Callable[..., NotebookPage], graph_file: Path) -> None:
    notebook = open_notebook([])
    page = notebook.page
    shutil.copy(graph_file, notebook.path.parent / "survey.qg")
    page.evaluate(OPEN, place(notebook, "survey.qg"))
    view = page.locator(".jmpl-page")
    view.get_by_text("56 quanta · 10 tasks").wait_for()
    assert view.locator(".jmpv-graph .jmpv-node").count() == 10
    view.get_by_text(pages(1, 56, "56")).wait_for()
    notebook.take_page("graph-file")

    view.locator(".jmpv-node", has_text="coadd").first.click()
    view.get_by_text(pages(1, 3, "3")).wait_for()
    view.get_by_label("Task", exact=True).select_option("detect")
    view.get_by_text(pages(1, 8, "8")).wait_for()
    view.locator(".jmpl-quanta .jmpl-row").first.click()
    details = view.locator(".jmpl-details")
    details.get_by_text("Needs (1)").wait_for()
    assert details.get_by_text("isr").count() >= 1
    notebook.take_page("graph-file-quantum")

    # Where both would be narrow they lie one below the other, and what was chosen comes into view.
    page.set_viewport_size({"width": 960, "height": 640})
    view.get_by_label("Task", exact=True).select_option("")
    view.get_by_text(pages(1, 56, "56")).wait_for()
    view.locator(".jmpl-quanta .jmpl-row").first.click()
    heading = details.locator("h3", has_text="isr").first
    heading.wait_for()
    rows = view.locator(".jmpl-quanta .jmpl-rows")
    assert bottom(rows) < heading.bounding_box()["y"] < bottom(heading) < bottom(view)
    assert rows.evaluate("node => node.scrollWidth === node.clientWidth")
    notebook.take_page("graph-file-narrow")
    page.set_viewport_size({"width": 1300, "height": 1400})

    # Written anew, as by the same command once more: nothing old is taken for new.
    shutil.copy(graph_file, notebook.path.parent / "survey.qg")
    view.locator(".jmpl-quanta .jmpl-row").first.click()
    view.get_by_role("status").get_by_text("written anew").wait_for()
    view.get_by_text(pages(1, 56, "56")).wait_for()
    assert details.inner_text() == ""
    notebook.take_page("graph-file-anew")
    rename(notebook, "survey.qg", "moved.qg")
    view.get_by_role("heading", name="moved.qg").wait_for()
    view.locator(".jmpl-quanta .jmpl-row").first.click()
    details.get_by_text("Feeds (").wait_for()

    view.get_by_label("Task", exact=True).select_option("")
    search = view.get_by_label("Search by data ID")
    search.fill("visit = 903342")
    search.press("Enter")
    view.get_by_text(pages(1, 5, "5")).wait_for()
    search.fill("visits = 1")
    search.press("Enter")
    view.get_by_role("alert").get_by_text("visits").first.wait_for()
    notebook.change_theme("dark")
    notebook.take_page("graph-file-dark")


def test_graph_with_100_000_quanta(open_notebook: Callable[..., NotebookPage], graph_file: Path) -> None:
    notebook = open_notebook([])
    page = notebook.page
    write_large_graph(graph_file, notebook.path.parent / "large.qg", task="isr", total=100_000)
    page.evaluate(OPEN, place(notebook, "large.qg"))
    view = page.locator(".jmpl-page")
    view.get_by_text("100,000 quanta · 10 tasks").wait_for()
    view.get_by_text(pages(1, 100, "100,000")).wait_for()
    view.get_by_role("button", name="\u203a").click()
    view.get_by_text(pages(101, 200, "100,000")).wait_for()
    assert view.locator(".jmpl-quanta .jmpl-row").count() == 100


def test_a_broken_graph_is_an_error_and_its_words_are_only_words(
    open_notebook: Callable[..., NotebookPage],
) -> None:
    notebook = open_notebook([])
    page = notebook.page
    name = "<img src=x onerror=window.harmed=1>.qg"
    (notebook.path.parent / name).write_bytes(b"PK" + bytes(100))
    page.evaluate(OPEN, place(notebook, name))
    page.locator(".jmpl-page").get_by_role("alert").get_by_text("cannot be read").wait_for()
    page.locator(".jmpl-page h2", has_text="onerror").wait_for()
    assert page.evaluate("() => window.harmed") is None


def type_into(page: Any, text: str, change: str) -> None:
    """Replace a text in the editor, as typing would."""
    page.evaluate(
        """([text, change]) => {
          const widgets = [...window.jupyterapp.shell.widgets('main')];
          const editor = widgets.find(w => w.context && w.context.path.endsWith('.yaml'));
          const model = editor.context.model.sharedModel;
          model.setSource(model.getSource().replace(text, change));
        }""",
        [text, change],
    )


def test_pipeline_follows_edits(
    open_notebook: Callable[..., NotebookPage], survey_template: DemoRepository
) -> None:
    notebook = open_notebook([])
    page = notebook.page
    file = Path(shutil.copy(survey_template.pipeline, notebook.path.parent / "survey.yaml"))
    page.evaluate("() => { window.jupyterapp.commands.execute('filebrowser:refresh') }")
    page.locator(".jp-DirListing-item", has_text="survey.yaml").click(button="right")
    page.locator(".lm-Menu-item", has_text="Open as pipeline diagram").click()
    view = page.locator(".jmpl-page")
    view.get_by_text("10 tasks").wait_for()
    view.locator("[data-id='task:lightCurves']").wait_for()

    type_into(
        page, "  warp:\n", "  warp_again:\n    class: jupyter_mpexec.demo.tasks.warp.WarpTask\n  warp:\n"
    )
    problem = view.locator(".jmpl-error")
    view.get_by_text("11 tasks").wait_for()
    page.locator(".jp-FileEditor .cm-content").click()
    page.keyboard.press("Control+End")
    with page.expect_response("**/mpexec/pipeline*"):
        page.keyboard.type("# edited")
    page.locator(".jmpl-page:not([aria-busy])").wait_for()
    page.locator(".lm-TabBar-tab.jp-mod-dirty", has_text="survey.yaml").wait_for()
    type_into(page, "  warp_again:\n    class: jupyter_mpexec.demo.tasks.warp.WarpTask\n", "")
    view.get_by_text("10 tasks").wait_for()

    type_into(page, "coadd.CoaddTask", "coadd.KoaddTask")
    line = next(n for n, text in enumerate(file.read_text().splitlines(), 1) if "CoaddTask" in text)
    problem.get_by_role("button", name=f"Line {line}").wait_for()
    page.locator(".cm-line.jmpl-wrong-line", has_text="KoaddTask").wait_for()
    notebook.take_page("pipeline-error")

    type_into(page, "coadd.KoaddTask", "coadd.CoaddTask")
    problem.wait_for(state="detached")
    assert page.locator(".jmpl-wrong-line").count() == 0
    view.locator("[data-id='task:coadd'] .jmpv-box").click()
    notebook.take_page("pipeline")
    # The code of a task may have been edited in another tab.
    with page.expect_request("**/mpexec/pipeline*"):
        page.evaluate(
            """path => window.jupyterapp.serviceManager.contents.save(
              path, { type: 'file', format: 'text', content: '' })""",
            place(notebook, "tasks.py"),
        )


def test_a_diagram_follows_its_file(
    open_notebook: Callable[..., NotebookPage], survey_template: DemoRepository
) -> None:
    notebook = open_notebook([])
    page = notebook.page
    shutil.copy(survey_template.pipeline, notebook.path.parent / "survey.yaml")
    page.evaluate("() => { window.jupyterapp.commands.execute('filebrowser:refresh') }")
    page.locator(".jp-DirListing-item", has_text="survey.yaml").click(button="right")
    page.locator(".lm-Menu-item", has_text="Open as pipeline diagram").click()
    view = page.locator(".jmpl-page")
    view.get_by_text("10 tasks").wait_for()
    rename(notebook, "survey.yaml", "moved.yaml")
    view.get_by_role("heading", name="moved.yaml").wait_for()
    warp = "  warp_again:\n    class: jupyter_mpexec.demo.tasks.warp.WarpTask\n"
    type_into(page, "  warp:\n", f"{warp}  warp:\n")
    view.get_by_text("11 tasks").wait_for()

    # Another file of the old name has a diagram of its own; from the palette, the current tab is meant.
    (notebook.path.parent / "survey.yaml").write_text(f"description: one\ntasks:\n{warp}")
    page.evaluate(
        """async path => {
          const { commands } = window.jupyterapp;
          await commands.execute('docmanager:open', { path, factory: 'Editor' });
          await commands.execute('mpexec:open-pipeline');
        }""",
        place(notebook, "survey.yaml"),
    )
    page.locator(".jmpl-page", has_text="1 task").get_by_role("heading", name="survey.yaml").wait_for()
    notebook.take_page("pipeline-moved")


def test_files_are_open_again_when_the_page_is(
    open_notebook: Callable[..., NotebookPage],
    graph_file: Path,
    survey_template: DemoRepository,
    serve: Callable[[str], Server],
) -> None:
    notebook = open_notebook([])
    page, folder = notebook.page, notebook.path.parent
    lost = folder / "lost.qg"
    for file in (folder / "survey.qg", lost):
        shutil.copy(graph_file, file)
        page.evaluate(OPEN, place(notebook, file.name))
        page.get_by_role("heading", name=file.name).wait_for()
    shutil.copy(survey_template.pipeline, folder / "survey.yaml")
    page.evaluate(
        "path => window.jupyterapp.commands.execute('mpexec:open-pipeline', { path })",
        place(notebook, "survey.yaml"),
    )
    view = page.locator(".jmpl-page", has=page.get_by_role("heading", name="survey.yaml"))
    view.get_by_text("10 tasks").wait_for()
    # Nothing is above a page that has no tools.
    pages = page.locator(".jp-MainAreaWidget", has=page.locator(".jmpl-page"))
    assert pages.count() == 3
    assert pages.locator("> .jp-Toolbar.lm-mod-hidden").count() == 3

    saved = serve("lab").root / ".home" / "config" / "lab" / "workspaces"
    names = [f"{kind}:{place(notebook, name)}" for kind, name in TABS]
    wait_until(lambda: any(all(n in file.read_text() for n in names) for file in saved.iterdir()))
    lost.unlink()
    page.reload()
    # It is drawn from its editor, as before.
    view.get_by_text("10 tasks").wait_for()
    warp = "  warp_again:\n    class: jupyter_mpexec.demo.tasks.warp.WarpTask\n"
    type_into(page, "  warp:\n", f"{warp}  warp:\n")
    view.get_by_text("11 tasks").wait_for()
    page.locator(".lm-TabBar-tab", has_text="survey.qg").click()
    page.locator(".jmpl-page", has_text="56 quanta · 10 tasks").wait_for()
    # Of a file that is gone it is said in its tab; nothing waits, and no dialog is over all else.
    tab = page.locator(".lm-TabBar-tab", has_text="lost.qg")
    tab.click()
    gone = page.locator(".jmpl-page", has_text=f"The file {place(notebook, 'lost.qg')} is gone.")
    gone.wait_for()
    assert page.locator(".jp-Dialog").count() == 0
    notebook.take_page("files-restored")
    shutil.copy(graph_file, lost)
    gone.get_by_role("button", name="Try again").click()
    gone.wait_for(state="detached")
    page.locator(".jmpl-page", has=page.get_by_role("heading", name="lost.qg")).get_by_text(
        "56 quanta · 10 tasks"
    ).wait_for()
    assert tab.count() == 1


def test_cells_are_coloured(open_notebook: Callable[..., NotebookPage]) -> None:
    notebook = open_notebook(
        ["%%pipetask run\n-b repo -j 4", "%%pipetask build\ntasks:\n  isr: a.B  # one", "x: 1"]
    )
    cells = notebook.page.locator(".jp-Notebook .jp-Cell")
    cells.nth(0).locator(".jmpl-cell-option", has_text="-b").wait_for()
    cells.nth(1).locator(".jmpl-cell-key", has_text="tasks").wait_for()
    cells.nth(1).locator(".jmpl-cell-comment", has_text="# one").wait_for()
    assert cells.nth(2).locator(".jmpl-cell-key").count() == 0
    notebook.take_page("cells")


def test_form_makes_a_command(open_notebook: Callable[..., NotebookPage]) -> None:
    notebook = open_notebook(["%load_ext jupyter_mpexec"])
    page = notebook.page
    page.evaluate("() => { window.jupyterapp.commands.execute('mpexec:run-pipeline') }")
    form = page.locator(".jp-Dialog")
    form.get_by_text("A repository is needed.").wait_for()
    title = form.locator(".jp-Dialog-header").bounding_box()
    assert title["y"] >= form.locator(".jp-Dialog-content").bounding_box()["y"]
    assert page.evaluate("() => document.activeElement.name") == "butler_config"
    form.locator("[name=butler_config]").fill("survey")
    form.locator("[name=pipeline]").fill("a pipeline.yaml")
    form.locator("[name=output]").fill("u/me/form")
    form.locator("[name=processes]").fill("2")
    form.locator("[name=register_dataset_types]").check()
    # Enter opens a section, and begins a line; nothing is put into the notebook by it.
    keys = page.keyboard
    form.locator("summary", has_text="More: Pipeline").focus()
    keys.press("Enter")
    form.locator("[name=config]").focus()
    keys.type("isr:a=1")
    keys.press("Enter")
    keys.type("isr:b=2")
    notebook.take_page("form")
    form.get_by_role("button", name="Put into a cell").click()
    page.locator(".jp-Cell", has_text="-b survey").wait_for()
    source = page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.getSource()"
    )
    assert source == (
        "%reload_ext jupyter_mpexec\n"
        "%pipetask run -p 'a pipeline.yaml' -c isr:a=1 -c isr:b=2 -b survey -o u/me/form -j 2"
        " --register-dataset-types"
    )


def test_form_without_a_notebook_makes_one(open_notebook: Callable[..., NotebookPage]) -> None:
    notebook = open_notebook([])
    page = notebook.page
    notebook.shut_down()
    page.evaluate("() => { for (const each of [...window.jupyterapp.shell.widgets('main')]) each.dispose() }")
    page.locator(".jp-Notebook").wait_for(state="detached")
    start = "() => { window.jupyterapp.commands.execute('mpexec:run-pipeline') }"
    page.evaluate(start)
    form = page.locator(".jp-Dialog")
    form.locator("[name=butler_config]").fill("survey")
    form.locator("[name=data_query]").fill("visit =")
    form.get_by_text("This expression is not finished.").wait_for()
    form.locator("[name=data_query]").fill("visit = 42")
    page.keyboard.press("Escape")
    form.wait_for(state="detached")

    # What was typed is still there, and the next field has the focus.
    page.evaluate(start)
    form.get_by_text("As you left it.").wait_for()
    assert form.locator("[name=butler_config]").input_value() == "survey"
    assert page.evaluate("() => document.activeElement.name") == "pipeline"
    form.locator("[name=pipeline]").fill("a.yaml")
    notebook.take_page("form-without-notebook")
    form.get_by_role("button", name="Empty the form").focus()
    page.keyboard.press("Enter")
    assert form.locator("[name=butler_config]").input_value() == ""
    form.locator("[name=butler_config]").fill("survey")
    form.locator("[name=pipeline]").fill("a.yaml")
    form.locator("[name=data_query]").fill("visit = 42")
    form.get_by_role("button", name="New notebook with this cell").click()
    page.locator(".jp-Notebook .jp-Cell", has_text="-b survey").wait_for()
    sources = page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.widgets.map(c => c.model.sharedModel.getSource())"
    )
    assert sources == ["%load_ext jupyter_mpexec", "%pipetask run -p a.yaml -b survey -d 'visit = 42'"]
    # The next command begins with an empty form.
    page.evaluate(start)
    form.get_by_role("button", name="Put into a cell").wait_for()
    assert form.locator("[name=butler_config]").input_value() == ""
    page.keyboard.press("Escape")


def test_form_makes_a_notebook_in_notebook_7(
    serve: Callable[[str], Server], browser: Any, tmp_path: Path
) -> None:
    host = serve("notebook")
    folder = host.root / "form"
    folder.mkdir()
    context = browser.new_context()
    try:
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.goto(f"{host.address}/tree/form?token={host.token}")
        page.locator(".jp-BreadCrumbs", has_text="form").wait_for()
        page.evaluate("() => { window.jupyterapp.commands.execute('mpexec:run-pipeline') }")
        form = page.locator(".jp-Dialog")
        form.locator("[name=butler_config]").fill("survey")
        with page.expect_popup() as opened:
            form.get_by_role("button", name="New notebook with this cell").click()
        notebook = NotebookPage(opened.value, host, folder / "Untitled.ipynb", tmp_path)
        opened.value.set_default_timeout(120_000)
        cells = opened.value.locator(".jp-Notebook .jp-Cell")
        cells.nth(1).get_by_text("%pipetask run -b survey").wait_for()
        cells.nth(0).get_by_text("%load_ext jupyter_mpexec").wait_for()
        assert notebook.path.is_file()
        notebook.wait_for_kernel()
        notebook.shut_down()
    finally:
        context.close()

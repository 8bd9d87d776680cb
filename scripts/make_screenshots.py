"""Take the pictures of panel and extension for the README: a real JupyterLab on a demo run, in a headless browser.

`make docs` runs it; without Chromium and playwright it leaves the pictures as they are, and says so.
"""

from __future__ import annotations

import importlib.util
import io
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 120_000
WIDTH = 1000
GAP = 8

CELLS = [
    """\
%load_ext jupyter_mpexec
from jupyter_mpexec.demo import make_repository
survey = make_repository("survey")
print("the survey is made")""",
    """\
run = %pipetask run -b survey -p {survey.pipeline} -i {survey.inputs} -o u/you/survey \\
    --register-dataset-types --background""",
    """\
graph = %pipetask qgraph -b survey -p {survey.pipeline} -i {survey.inputs} -o u/you/tonight
graph.save("tonight.qg")
first = %pipetask run -b survey -p {survey.pipeline} -i {survey.inputs} -o u/you/first-look -d "visit = 903334" -j 2
print("the graph is saved")""",
]


def main() -> None:
    """Write docs/images/panel-*.png and docs/images/extension-*.png."""
    from tests.browser.jupyter_page import CHROMIUM, NotebookPage, server, write_notebook

    if not Path(CHROMIUM).exists() or importlib.util.find_spec("playwright") is None:
        print("No Chromium, or no playwright: the pictures stay as they are.")
        return
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        write_notebook(folder / "panel.ipynb", CELLS)
        with (
            server(folder) as host,
            closing(
                playwright.chromium.launch(
                    executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
                )
            ) as browser,
        ):
            # High enough for the whole panel.
            page = browser.new_page(viewport={"width": WIDTH, "height": 2400})
            page.set_default_timeout(300_000)
            notebook = NotebookPage(page, host, folder / "panel.ipynb", IMAGES)
            notebook.open()
            page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
            _take(page, notebook)
            _take_extension(page, notebook)


def _take(page: Any, notebook: Any) -> None:
    from tests.browser.panel import click_cell

    notebook.run_cell(0)
    page.get_by_text("the survey is made").last.wait_for()
    notebook.run_cell(1)
    # By now isr and detect are through, and calibrate has begun.
    _wait_for_ended(page, 80)
    page.locator(".jmpv-svg [data-id='task:calibrate']").first.click()
    click_cell(page, "succeeded")
    page.locator(".jmpx-inspector .jmpx-title", has_text="calibrate").wait_for()
    page.locator(".jmpx-panel").get_by_role("tab", name="Inputs and outputs").click()
    datasets = page.locator(".jmpx-list select")
    datasets.locator("option", has_text="post_isr").wait_for(state="attached")
    names = datasets.locator("option").all_inner_texts()
    datasets.select_option(label=next(name for name in names if "post_isr" in name))
    page.locator(".jmpx-inspector .jupyter-button", has_text="Show").first.click()
    page.locator(".jmpx-image img").wait_for()
    for theme in ("light", "dark"):
        notebook.change_theme(theme)
        # Drawn anew as a whole, not from what it looked like in the other theme.
        page.locator(".jmpv-grid button", has_text="Fit").first.click()
        page.mouse.move(0, 0)
        page.wait_for_timeout(2000)
        panel = page.locator(".jmpx-panel").first.bounding_box()
        inspector = page.locator(".jmpx-inspector").first.bounding_box()
        above = {**panel, "height": inspector["y"] - panel["y"] - GAP}
        below = {**panel, "y": inspector["y"] - GAP, "height": inspector["height"] + 2 * GAP}
        _save(page.screenshot(clip=above), IMAGES / f"panel-run-{theme}.png")
        _save(page.screenshot(clip=below), IMAGES / f"panel-quantum-{theme}.png")
    _take_debugger(page, notebook)


def _take_debugger(page: Any, notebook: Any) -> None:
    """Pause in the middle of the same quantum, and look at what has been matched."""
    page.locator(".jmpx-inspector .jupyter-button", has_text="Debug here").click()
    pane = page.locator(".jmpx-debug")
    pane.get_by_label("first line").uncheck()
    pane.get_by_label("and at").fill("CalibrateTask.run: wcs = correct_wcs")
    pane.get_by_label("and at").press("Enter")
    pane.locator(".jupyter-button", has_text="Start").first.click()
    pane.locator(".jmpd-now", has_text="wcs = correct_wcs").wait_for()
    pane.get_by_label("In this frame").fill("residual")
    pane.locator(".jupyter-button", has_text="Watch").click()
    pane.locator(".jmpd-watch").wait_for()
    pane.locator(".jmpx-debug-variables [role=option]", has_text="sources").first.click()
    pane.locator(".jmpx-table").wait_for()
    for theme in ("dark", "light"):
        notebook.change_theme(theme)
        page.mouse.move(0, 0)
        page.wait_for_timeout(2000)
        box = pane.bounding_box()
        _save(
            page.screenshot(clip={**box, "height": min(box["height"], 760)}),
            IMAGES / f"panel-debug-{theme}.png",
        )
    pane.locator(".jupyter-button", has_text="Abandon").click()


def _take_extension(page: Any, notebook: Any) -> None:
    """Show the list of runs, and a file with a quantum graph beside it."""
    notebook.run_cell(2)
    page.get_by_text("the graph is saved").last.wait_for()
    page.locator(".jp-toast-button", has_text="No").click()
    page.set_viewport_size({"width": 1200, "height": 720})
    page.evaluate("() => { window.jupyterapp.commands.execute('mpexec:show-runs'); }")
    page.locator(".jmpl-run", has_text="u/you/first-look").locator(".jmpl-run-head").click()
    page.evaluate("() => { window.jupyterapp.commands.execute('docmanager:open', { path: 'tonight.qg' }); }")
    view = page.locator(".jmpl-page")
    view.locator(".jmpv-graph .jmpv-node", has_text="calibrate").first.click()
    view.locator(".jmpl-quanta .jmpl-row").nth(2).click()
    view.locator(".jmpl-details").get_by_text("Needs").wait_for()
    for theme in ("dark", "light"):
        notebook.change_theme(theme)
        page.mouse.move(0, 0)
        page.wait_for_timeout(2000)
        _save(page.screenshot(), IMAGES / f"extension-{theme}.png")


def _wait_for_ended(page: Any, number: int) -> None:
    page.wait_for_function(
        "n => parseInt(document.querySelector('.jmpx-panel .jmpx-top strong')?.textContent) >= n", arg=number
    )


def _save(png: bytes, path: Path) -> None:
    """Write a picture with a palette, which is enough for what is drawn."""
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in (256, 128, 64, 32):
        picture.quantize(colours, method=Image.Quantize.MAXCOVERAGE).save(path, optimize=True)
        if path.stat().st_size <= MOST_BYTES:
            break
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e3:.0f} kB, {picture.width} x {picture.height}")


if __name__ == "__main__":
    main()

"""Take the pictures of the run panel for the README: a real JupyterLab on a demo run, in a headless browser.

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
WIDTH = 1180

SETUP = """\
%load_ext jupyter_mpexec
from jupyter_mpexec.demo import make_repository
survey = make_repository("{folder}")
print("the survey is made")"""
RUN = """\
run = %pipetask run -b {folder} -p {{survey.pipeline}} -i {{survey.inputs}} -o u/you/survey \
--register-dataset-types --background"""


def main() -> None:
    """Write docs/images/panel-*.png."""
    from tests.browser.jupyter_page import CHROMIUM, server

    if not Path(CHROMIUM).exists() or importlib.util.find_spec("playwright") is None:
        print("No Chromium, or no playwright: the pictures of the run panel stay as they are.")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        with closing(browser):
            for theme in ("light", "dark"):
                with tempfile.TemporaryDirectory() as name, server(Path(name), theme=theme) as address:
                    _take(browser, Path(name), address, theme)


def _take(browser: Any, folder: Path, address: str, theme: str) -> None:
    from tests.browser.jupyter_page import NotebookPage, write_notebook

    cells = [SETUP.format(folder="survey"), RUN.format(folder="survey")]
    write_notebook(folder / "panel.ipynb", cells)
    context = browser.new_context(viewport={"width": WIDTH, "height": 2200}, color_scheme=theme)
    page = context.new_page()
    page.set_default_timeout(120_000)
    notebook = NotebookPage(page, address, "panel.ipynb")
    notebook.open()
    # The side bar is not what is to be seen.
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    notebook.run_cell(0)
    page.get_by_text("the survey is made").last.wait_for()
    notebook.run_cell(1)
    page.wait_for_function(
        "() => parseInt((document.querySelector('.jmpx-panel .jmpx-top strong') ?? {}).textContent) >= 90"
    )
    notebook.execute("run.pause()")
    page.locator(".jmpx-run-state", has_text="paused").wait_for()
    # One that failed to be cancelled would not be news: the picture is of a run that goes on.
    page.locator(".jmpv-svg [data-id='task:isr']").first.click()
    page.locator(".jmpx-panel canvas").first.wait_for()
    _select_quantum(page)
    notebook.execute("run.resume()")
    page.locator(".jmpx-run-state", has_text="running").wait_for()
    page.wait_for_timeout(1500)
    _save(page.locator(".jmpx-panel").screenshot(), IMAGES / f"panel-{theme}.png")
    notebook.execute("run.stop(interrupt=True)")
    context.close()


def _select_quantum(page: Any) -> None:
    page.get_by_role("tab", name="Quanta").click()
    page.locator(".jmpx-panel select[multiple]").select_option(index=0)
    page.get_by_role("tab", name="Inputs and outputs").click()
    datasets = page.locator(".jmpx-list select")
    datasets.locator("option", has_text="post_isr").wait_for(state="attached")
    names = datasets.locator("option").all_inner_texts()
    datasets.select_option(label=next(name for name in names if "post_isr" in name))
    page.locator(".jmpx-panel button", has_text="Show").first.click()
    page.locator(".jmpx-image img").wait_for()
    page.get_by_role("tab", name="Graph").click()


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

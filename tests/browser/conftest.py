"""A headless browser, and Jupyter servers with a demo survey beside the notebook."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from jupyter_mpexec.demo import DemoRepository, make_repository

from .jupyter_page import CHROMIUM, NotebookPage, server, write_notebook

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def survey_template(tmp_path_factory: pytest.TempPathFactory) -> DemoRepository:
    return make_repository(tmp_path_factory.mktemp("survey") / "survey", size="small")


@pytest.fixture
def open_notebook(
    tmp_path: Path, browser: Any, survey_template: DemoRepository
) -> Iterator[Callable[..., NotebookPage]]:
    """Open a notebook with these cells, beside a repository named ``survey``."""
    with ExitStack() as stack:

        def open_it(cells: Sequence[str], *, app: str = "lab", theme: str = "light") -> NotebookPage:
            shutil.copytree(survey_template.root, tmp_path / "survey")
            write_notebook(tmp_path / "run.ipynb", cells)
            address = stack.enter_context(server(tmp_path, app=app, theme=theme))
            context = browser.new_context(viewport={"width": 1300, "height": 1400})
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(60_000)
            notebook = NotebookPage(page, address, "run.ipynb")
            notebook.open()
            return notebook

        yield open_it

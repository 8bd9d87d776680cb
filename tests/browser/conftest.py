"""A headless browser, and one Jupyter server an application; each test has a folder, a demo survey and a kernel."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from jupyter_mpexec.demo import DemoRepository, make_repository

from .jupyter_page import CHROMIUM, NotebookPage, Server, server, write_notebook

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

PICTURES = "MPEXEC_SCREENSHOTS"
"""Environment variable: the folder that screenshots go to, for somebody to look at."""


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


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Server]]:
    """Start the server of an application, unless it has been started."""
    started: dict[str, Server] = {}
    with ExitStack() as stack:

        def serve_it(app: str) -> Server:
            if app not in started:
                started[app] = stack.enter_context(server(tmp_path_factory.mktemp(app), app=app))
            return started[app]

        yield serve_it


@pytest.fixture
def open_notebook(
    request: pytest.FixtureRequest,
    serve: Callable[[str], Server],
    browser: Any,
    survey_template: DemoRepository,
) -> Iterator[Callable[..., NotebookPage]]:
    """Open a notebook with these cells, beside a repository named ``survey``."""
    with ExitStack() as stack:

        def open_it(cells: Sequence[str], *, app: str = "lab", script: str = "") -> NotebookPage:
            host = serve(app)
            folder = host.root / request.node.name.replace("[", "-").replace("]", "")
            shutil.copytree(survey_template.root, folder / "survey")
            write_notebook(folder / "run.ipynb", cells)
            context = browser.new_context(viewport={"width": 1300, "height": 1400})
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(120_000)
            page.add_init_script(script)
            pictures = Path(os.environ.get(PICTURES) or folder)
            notebook = NotebookPage(page, host, folder / "run.ipynb", pictures)
            notebook.open()
            stack.callback(notebook.shut_down)
            return notebook

        yield open_it

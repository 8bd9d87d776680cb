"""Fixtures that all execution tests share: a small real Butler repository, and upstream's `pipetask`."""

from __future__ import annotations

import multiprocessing
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lsst.daf.butler import Butler

from jupyter_mpexec import BuiltQuantumGraph, GraphBuilder, PipelineBuilder, Run
from tests.support.environment import python_environment
from tests.support.postgresql import PostgreSQLMissingError, PostgreSQLRepositories, PostgreSQLServer
from tests.support.repository import INPUTS, PIPELINE, make_repository


@pytest.fixture(scope="session")
def repository_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that is made once; tests take a copy."""
    return make_repository(tmp_path_factory.mktemp("template") / "repo")


@pytest.fixture(scope="session")
def postgresql_repositories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQLRepositories]:
    """A PostgreSQL server, and a repository there that is made once; tests take a copy."""
    try:
        server = PostgreSQLServer()
    except PostgreSQLMissingError as missing:
        pytest.skip(str(missing))
    with server:
        yield PostgreSQLRepositories(server, tmp_path_factory.mktemp("postgresql"))


@pytest.fixture
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A repository of one's own: ``counts`` of visits 1-3 and detectors 0-1, in ``SmallCam/defaults``.

    Its registry is SQLite, unless the test says `on_every_registry`.
    """
    if getattr(request, "param", "sqlite") == "postgresql":
        repositories: PostgreSQLRepositories = request.getfixturevalue("postgresql_repositories")
        with repositories.copy(tmp_path / "repo") as root:
            yield root
    else:
        template: Path = request.getfixturevalue("repository_template")
        yield Path(shutil.copytree(template, tmp_path / "repo"))


@pytest.fixture(scope="session")
def processed_template(repository_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository in which upstream ran the pipeline for visit 1: run ``u/me/first`` in chain ``u/me``."""
    root = Path(shutil.copytree(repository_template, tmp_path_factory.mktemp("processed") / "repo"))
    _pipetask(
        *("run", "--register-dataset-types", "-b", root, "-p", PIPELINE, "-i", INPUTS, "-o", "u/me"),
        *("--output-run", "u/me/first", "-d", "instrument = 'SmallCam' AND visit = 1"),
    )
    return root


@pytest.fixture
def processed(processed_template: Path, tmp_path: Path) -> Path:
    """A repository of one's own in which upstream ran the pipeline for visit 1."""
    return Path(shutil.copytree(processed_template, tmp_path / "processed"))


@pytest.fixture
def build(repository: Path) -> Callable[..., BuiltQuantumGraph]:
    """Build the graph of a query, with config overrides by label and name."""

    def build(query: str = "", **configs: dict[str, Any]) -> BuiltQuantumGraph:
        pipeline = PipelineBuilder(str(PIPELINE))
        for label, values in configs.items():
            for name, value in values.items():
                pipeline.config(label, name, value)
        return GraphBuilder(pipeline, repository, input=INPUTS, output="u/me", data_query=query).build()

    return build


@pytest.fixture
def run(build: Callable[..., BuiltQuantumGraph]) -> Callable[..., Run]:
    """Run the graph of a query."""

    def run(query: str = "", configs: dict[str, dict[str, Any]] | None = None, **options: Any) -> Run:
        return build(query, **(configs or {})).run(register_dataset_types=True, **options)

    return run


@pytest.fixture
def run_in_pool(run: Callable[..., Run]) -> Callable[..., Run]:
    """Run the graph of a query in two processes."""

    def run_in_pool(query: str = "", configs: dict[str, dict[str, Any]] | None = None, **options: Any) -> Run:
        return run(query, configs, **{"processes": 2, **options})

    return run_in_pool


@pytest.fixture
def _nothing_is_left_running() -> Iterator[None]:
    yield
    assert not multiprocessing.active_children()


@pytest.fixture
def butler(repository: Path) -> Iterator[Butler]:
    """A read-only butler to look into `repository` with."""
    with Butler.from_config(str(repository), writeable=False) as opened:
        yield opened


@pytest.fixture
def pipeline_file(tmp_path: Path) -> Path:
    """A copy of the pipeline file, which a test may change."""
    return Path(shutil.copy(PIPELINE, tmp_path / "small.yaml"))


@pytest.fixture(scope="session")
def pipetask() -> Callable[..., str]:
    """Run upstream's `pipetask` in a subprocess; returns what it printed, raises if it failed."""
    return _pipetask


def _pipetask(*words: object, check: bool = True) -> str:
    program = Path(sys.executable).with_name("pipetask")
    if not program.exists():
        pytest.skip("lsst-ctrl-mpexec is not installed")
    command = [sys.executable, str(program), *map(str, words)]
    done = subprocess.run(command, env=python_environment(), capture_output=True, text=True, timeout=120)
    if check and done.returncode:
        raise AssertionError(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout + done.stderr


@pytest.fixture
def untouched(repository: Path) -> Iterator[None]:
    """Check that a test leaves every file of `repository`, its database too, as it was."""
    before = _contents(repository)
    yield
    assert _contents(repository) == before


def _contents(repository: Path) -> dict[Path, bytes]:
    # SQLite may have a journal beside the database while it is read.
    files = (path for path in repository.rglob("*") if path.is_file() and "sqlite3-" not in path.name)
    return {path: path.read_bytes() for path in files}

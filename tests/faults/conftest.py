"""One survey, one graph and one run in peace for all tests; and in the end, the count of what was done."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .campaign import Tally
from .scene import run_undisturbed
from .survey import Reference, Survey, make_survey

_TALLY = pytest.StashKey[Tally]()


@pytest.fixture(scope="session")
def faults_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if sys.platform != "linux":
        pytest.skip("Processes are found through /proc.")
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="session")
def survey(faults_folder: Path) -> Survey:
    return make_survey(faults_folder)


@pytest.fixture(scope="session")
def reference(survey: Survey, faults_folder: Path) -> Reference:
    return run_undisturbed(survey, faults_folder / "reference")


@pytest.fixture(scope="session")
def tally(pytestconfig: pytest.Config) -> Tally:
    return pytestconfig.stash.setdefault(_TALLY, Tally())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    tally = config.stash.get(_TALLY, None)
    if tally is not None and tally.runs:
        terminalreporter.section("fault injection")
        terminalreporter.write_line(str(tally))

"""One survey, one graph and one run in peace for all tests; and in the end, the count of what was done.

Each test sends its count along with its report, because several processes may share the tests.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .campaign import Tally
from .scene import run_undisturbed
from .survey import Reference, Survey, make_survey

_COUNTS = "counts of faults"


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


@pytest.fixture
def tally(record_property: Callable[[str, object], None]) -> Iterator[Tally]:
    counts = Tally()
    yield counts
    record_property(_COUNTS, counts.to_json())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    total = Tally()
    # What is recorded when a test has ended is in the report of its teardown.
    for report in terminalreporter.getreports(""):
        for name, counts in report.user_properties if report.when == "teardown" else ():
            if name == _COUNTS:
                total.add(Tally.from_json(str(counts)))
    if total.runs:
        terminalreporter.section("fault injection")
        terminalreporter.write_line(str(total))

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .campaign import Tally, play
from .scene import open_scene
from .survey import Reference, Survey

RUNS = 50
RUNS_IN_A_TEST = 5


def test_runs_without_faults_are_equal(survey: Survey, reference: Reference, tmp_path: Path) -> None:
    with open_scene(survey, tmp_path / "peace", "peace", reference) as scene:
        run = scene.begin()
        scene.wait(run)
        run.check()
        assert list(scene.faults()) == []


@pytest.mark.parametrize("first", range(0, RUNS, RUNS_IN_A_TEST))
def test_killed_runs_are_completed(
    first: int, survey: Survey, reference: Reference, tally: Tally, tmp_path: Path
) -> None:
    faults: list[str] = []
    for seed in range(first, first + RUNS_IN_A_TEST):
        folder = tmp_path / str(seed)
        found = play(seed, survey, reference, folder, tally)
        faults += found
        if not found:
            shutil.rmtree(folder)
    assert not faults, "\n".join(faults)

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path

import pytest

from .campaign import Tally, play
from .scene import open_scene
from .survey import Reference, Survey

RUNS = 50
RUNS_IN_A_TEST = 5
AT_A_TIME = 2


@pytest.fixture(scope="module")
def players() -> Iterator[Executor]:
    """Get processes, because a run is set up by the environment of the process that begins it."""
    with ProcessPoolExecutor(AT_A_TIME, multiprocessing.get_context("spawn")) as executor:
        yield executor


def test_runs_without_faults_are_equal(survey: Survey, reference: Reference, tmp_path: Path) -> None:
    with open_scene(survey, tmp_path / "peace", "peace", reference) as scene:
        run = scene.begin()
        scene.wait(run)
        run.check()
        assert list(scene.faults()) == []


@pytest.mark.parametrize("first", range(0, RUNS, RUNS_IN_A_TEST))
def test_killed_runs_are_completed(
    first: int, players: Executor, survey: Survey, reference: Reference, tally: Tally, tmp_path: Path
) -> None:
    seeds = range(first, first + RUNS_IN_A_TEST)
    games = [players.submit(play, seed, survey, reference, tmp_path / str(seed)) for seed in seeds]
    faults: list[str] = []
    for seed, game in zip(seeds, games, strict=True):
        found, counts = game.result()
        faults += found
        tally.add(counts)
        if not found:
            shutil.rmtree(tmp_path / str(seed))
    assert not faults, "\n".join(faults)

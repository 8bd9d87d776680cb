"""What is kept of texts of any length."""

from __future__ import annotations

import doctest
import random

import pytest

from jupyter_mpexec import events as ev
from jupyter_mpexec import long_text
from jupyter_mpexec.event_json import event_from_json, event_to_json
from jupyter_mpexec.long_text import LOG, MESSAGE, STORY, TRACEBACK, Limits, left_out_of, trim
from jupyter_mpexec.status import RunState

ABOUT = {"time": 1.0, "quantum_id": "q", "task_label": "isr", "data_id": {"visit": 1}}


def test_the_example_holds() -> None:
    assert doctest.testmod(long_text).failed == 0


@pytest.mark.parametrize("limits", [Limits(5, 200, 0.5), Limits(10, 300, 0.25), Limits(400, 90, 0.1)])
def test_what_is_kept_is_within_the_limits_and_says_what_is_gone(limits: Limits) -> None:
    chance = random.Random(1)
    for _ in range(300):
        words = [
            chance.choice(["x" * chance.randint(0, 50), "\n", "ä"]) for _ in range(chance.randint(0, 200))
        ]
        text = "".join(words)
        kept = trim(text, limits)
        assert len(kept) <= limits.characters
        assert kept.count("\n") < limits.lines
        assert trim(kept, limits) == kept
        if kept == text:
            continue
        # Cut once more, it still tells of all that is gone; but for line ends beside the marks.
        for cut in (kept, trim(kept, Limits(3, 100, 0.5))):
            rest = [line for line in cut.split("\n") if not left_out_of(line)]
            assert abs(len("\n".join(rest)) + left_out_of(cut) - len(text)) <= 8


def test_beginning_and_end_of_a_traceback_are_kept() -> None:
    text = "\n".join(f"line {number}" for number in range(5000))
    kept = trim(text, TRACEBACK).split("\n")
    assert (kept[0], kept[-1]) == ("line 0", "line 4999")
    assert len(kept) == 400


def test_events_are_short_whoever_made_them() -> None:
    """Those of a journal, too, that was written when they were not."""
    huge = "y" * 3_000_000
    failed = ev.QuantumFailed(**ABOUT, exception="E", message=huge, traceback=huge, log=huge)
    assert len(failed.message) <= MESSAGE.characters
    assert len(failed.traceback) <= TRACEBACK.characters
    assert len(failed.log) <= LOG.characters
    line = event_to_json(failed)
    assert event_from_json(line) == failed
    assert event_from_json(line.replace(failed.message, huge)) == failed
    assert len(ev.RunFinished(time=1.0, state=RunState.FAILED, error=huge).error) <= STORY.characters
    assert len(ev.RunLogged(time=1.0, level=30, logger="l", message=huge).message) <= STORY.characters

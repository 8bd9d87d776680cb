"""Sessions that are never left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jupyter_mpexec.debug import DebugSession

from . import targets

PATIENCE = 30

Make = Callable[..., DebugSession]


@pytest.fixture
def debug() -> Iterator[Make]:
    """Make sessions that debug the targets."""
    made: list[DebugSession] = []

    def make(call: Callable[[], object], name: str = "test", **kwargs: Any) -> DebugSession:
        session = DebugSession(call, name=name, modules=kwargs.pop("modules", (targets,)), **kwargs)
        made.append(session)
        return session

    yield make
    for session in made:
        session.abandon()
        assert session.wait(PATIENCE), "A session does not end."


def stop(session: DebugSession) -> str:
    """Wait for a pause; say in which function, and the text of the line."""
    assert session.wait(PATIENCE), "Neither paused nor ended."
    pause = session.pause
    assert pause is not None, f"It is {session!r}, error {session.error!r}."
    summary = pause.summary()
    return f"{summary.function}: {summary.source[summary.line - summary.first_line].strip()}"


def end(session: DebugSession) -> Any:
    """Wait for the end, and get the result."""
    assert session.wait(PATIENCE), "Neither paused nor ended."
    assert session.pause is None, f"Paused: {session.pause!r}"
    return session.result()


def paused(debug: Make) -> DebugSession:
    """A session that is paused inside a function that another one calls."""
    session = debug(lambda: targets.outer(1))
    session.breakpoints.add(targets.add, line="total = a + b")
    session.start()
    stop(session)
    return session

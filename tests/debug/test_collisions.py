"""Other debuggers, beside ours."""

from __future__ import annotations

import sys
import threading

import pytest

from jupyter_mpexec.errors import DebuggerCollisionError

from . import targets
from .conftest import Make, end, paused


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="Later versions have room for several.")
def test_another_tracer_is_told_of(debug: Make) -> None:
    threading.settrace(lambda *args: None)  # type: ignore[arg-type,return-value]  # any function will do
    try:
        with pytest.raises(DebuggerCollisionError, match="Another debugger"):
            debug(lambda: targets.outer(1)).start()
    finally:
        threading.settrace(None)  # type: ignore[arg-type]  # its stub forgets this


@pytest.mark.skipif(sys.version_info < (3, 12), reason="There is no sys.monitoring before.")
def test_another_debugger_works_alongside(debug: Make) -> None:
    monitoring = sys.monitoring
    monitoring.use_tool_id(monitoring.DEBUGGER_ID, "another")
    try:
        session = paused(debug)
        assert "another" in session.notices[0]
        session.breakpoints.clear()
        session.resume()
        assert end(session) == 14
    finally:
        monitoring.free_tool_id(monitoring.DEBUGGER_ID)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="There is no sys.monitoring before.")
def test_nothing_is_left_behind(debug: Make) -> None:
    monitoring = sys.monitoring
    session = paused(debug)
    taken = [n for n in (3, 4) if monitoring.get_tool(n) == "jupyter_mpexec"]
    assert len(taken) == 1
    session.breakpoints.clear()
    session.resume()
    assert end(session) == 14
    assert monitoring.get_tool(taken[0]) is None

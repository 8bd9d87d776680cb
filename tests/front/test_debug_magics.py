"""`%frame`, `%%frame` and `%debug_quantum` in a real IPython."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from jupyter_mpexec.debug import DebugSession
from jupyter_mpexec.errors import DebugError, UsageError
from tests.debug import targets

RunCell = Callable[..., Any]


@pytest.fixture
def session() -> Iterator[DebugSession]:
    """A session that is paused in `add`, which `outer` has called."""
    session = DebugSession(lambda: targets.outer(1), name="calibrate", modules=(targets,))
    session.breakpoints.add(targets.add, line="total = a + b")
    session.start()
    assert session.wait(30)
    yield session
    session.abandon()
    assert session.wait(30)


def test_expressions_are_results_and_assignments_stay(run_cell: RunCell, session: DebugSession) -> None:
    assert run_cell("%frame a + b").value == 2
    assert run_cell("%%frame\nscale = 10\na = scale * a\na").value == 10
    assert run_cell("%frame -f 1 number").value == 1
    assert run_cell("%%frame --frame 1 -s calibrate\n-number").value == -1
    assert run_cell("%frame").value == {"a": 10, "b": 1, "scale": 10}
    assert run_cell("%%frame\na;").value is None
    session.breakpoints.clear()
    session.step_over()
    assert session.wait(30)
    assert run_cell("%frame total").value == 11


def test_ipython_syntax_and_output(run_cell: RunCell, session: DebugSession) -> None:
    assert run_cell("%%frame\nprint('a is', a)").stdout == "a is 1\n"
    assert run_cell("%%frame\nwhere = %pwd\nwhere").value
    shown = run_cell(
        "%%frame\nfrom IPython.display import display, HTML\ndisplay(HTML(f'<b>{a}</b>'))"
    ).displayed
    assert shown[0].data["text/html"] == "<b>1</b>"


def test_errors_are_those_of_the_cell(run_cell: RunCell, session: DebugSession) -> None:
    assert isinstance(run_cell("%frame a / 0").error, ZeroDivisionError)
    assert isinstance(run_cell("%frame nowhere").error, NameError)
    assert "There is no frame 9" in str(run_cell("%frame -f 9 a").error)
    assert "Did you mean 'calibrate'" in str(run_cell("%frame -s calibate a").error)
    assert session.state == "paused"


def test_errors_show_no_way_through_the_debugger(run_cell: RunCell, session: DebugSession) -> None:
    run_cell("%frame a")
    shown = run_cell("%frame nowhere + 1").stdout
    assert "nowhere + 1" in shown
    assert "NameError" in shown
    assert "evaluation.py" not in shown
    assert "debug_magics.py" not in shown
    assert "targets.py" in run_cell("%frame add(1, None)").stdout
    wrong = run_cell("%frame a = ")
    assert isinstance(wrong.error, UsageError)
    assert "This is no Python" in str(wrong.error)


def test_of_several_sessions_one_is_chosen_by_number(
    shell: InteractiveShell, run_cell: RunCell, session: DebugSession
) -> None:
    other = DebugSession(lambda: targets.outer(5), name="calibrate", modules=(targets,))
    other.breakpoints.add(targets.add, line="total = a + b")
    other.start()
    assert other.wait(30)
    assert run_cell(f"%frame -s {session.number} -f 1 number").value == 1
    assert run_cell(f"%frame -s {other.number} -f 1 number").value == 5
    data, _ = shell.display_formatter.format(other)  # type: ignore[union-attr]  # a shell has one
    assert f"Also paused: {session.number} (calibrate)" in data["text/plain"]
    assert f"{other.number}, calibrate, which is paused" in str(run_cell("%frame -s 0 b").error)
    other.abandon()
    assert other.wait(30)
    data, _ = shell.display_formatter.format(session)  # type: ignore[union-attr]  # a shell has one
    assert "Also paused" not in data["text/plain"]


def test_a_session_says_what_is_next(shell: InteractiveShell) -> None:
    def shown(session: DebugSession) -> str:
        data, _ = shell.display_formatter.format(session)  # type: ignore[union-attr]  # a shell has one
        return str(data["text/plain"])

    gate = threading.Event()
    session = DebugSession(lambda: gate.wait(30) and 42, name="calibrate", modules=(targets,))
    assert "start() begins" in shown(session)
    session.start()
    assert "wait() waits for the next pause" in shown(session)
    gate.set()
    assert session.wait(30)
    assert "result() is 42" in shown(session)


def test_steering(run_cell: RunCell, session: DebugSession) -> None:
    assert run_cell("%debug_quantum").value is session
    assert run_cell("%debug_quantum step").value is session
    assert session.pause is not None
    assert session.pause.stack[0].line == targets.add.__code__.co_firstlineno + 3
    run_cell("%debug_quantum out")
    line = session.pause.stack[0].line
    assert run_cell("%debug_quantum stack").stdout == f"0  outer, debug/targets.py:{line}\n"
    run_cell("%debug_quantum into")
    assert [frame.function for frame in session.pause.stack] == ["add", "outer"]
    run_cell("%debug_quantum restart")
    assert session.attempt == 2
    session.breakpoints.clear()
    assert run_cell("%debug_quantum continue").value.result() == 14
    error = run_cell("%frame a").error
    assert isinstance(error, DebugError)
    assert "not paused" in str(error)


def test_a_word_that_it_does_not_know(run_cell: RunCell) -> None:
    error = run_cell("%debug_quantum contine").error
    assert isinstance(error, UsageError)
    assert "Did you mean 'continue'" in str(error)


def test_pauses_and_sessions_show_themselves(shell: InteractiveShell, session: DebugSession) -> None:
    session.watches.append("a + b")
    data, _ = shell.display_formatter.format(session)  # type: ignore[union-attr]  # a shell has one
    assert "calibrate is paused" in data["text/plain"]
    assert "▶" in data["text/plain"]
    assert "total = a + b" in data["text/html"]
    assert 'aria-current="true"' in data["text/html"]
    pause = session.pause
    assert pause is not None
    assert "a + b → 2" in shell.display_formatter.format(pause)[0]["text/plain"]  # type: ignore[union-attr]  # a shell has one
    session.abandon()
    assert session.wait(30)
    assert "gone on" in shell.display_formatter.format(pause)[0]["text/html"]  # type: ignore[union-attr]  # a shell has one
    assert "abandoned" in shell.display_formatter.format(session)[0]["text/html"]  # type: ignore[union-attr]  # a shell has one


def test_unloading_takes_them_away(shell: InteractiveShell) -> None:
    assert shell.find_cell_magic("frame") is not None
    shell.run_line_magic("unload_ext", "jupyter_mpexec")
    assert shell.find_cell_magic("frame") is None
    assert shell.find_line_magic("debug_quantum") is None
    shell.run_line_magic("load_ext", "jupyter_mpexec")

"""Steering paused code: values, exceptions, returns, and no way to hang."""

from __future__ import annotations

import _thread
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from jupyter_mpexec.debug import current_session
from jupyter_mpexec.errors import DebugError

from . import targets
from .conftest import Make, end, paused, stop


def test_expressions_and_statements(debug: Make) -> None:
    session = paused(debug)
    assert session.evaluate("a + b") == 2
    assert session.evaluate("scale = 3\n[scale * a for _ in range(2)]") == [3, 3]
    assert session.evaluate("scale") == 3
    assert session.evaluate("number", frame=1) == 1
    assert session.evaluate("def f(): return a + scale\nf()") == 4
    assert session.pause is not None
    assert session.pause.locals["a"] == 1
    with pytest.raises(ZeroDivisionError):
        session.evaluate("a = 5\n1 / 0")
    assert session.evaluate("a") == 5
    with pytest.raises(SyntaxError):
        session.evaluate("a +")
    with pytest.raises(DebugError, match="There is no frame 7"):
        session.evaluate("a", frame=7)
    with pytest.raises(DebugError, match="cannot be deleted"):
        session.evaluate("del a")
    assert session.state == "paused"


def test_assigned_variables_are_what_the_code_goes_on_with(debug: Make) -> None:
    session = paused(debug)
    session.evaluate("a = 100")
    session.evaluate("number = 7", frame=1)
    session.step_over()
    assert stop(session) == "add: return total"
    assert session.evaluate("total") == 101
    session.evaluate("total = 1000")
    session.breakpoints.clear()
    session.step_out()
    stop(session)
    assert session.evaluate("first, number") == (1000, 7)
    session.resume()
    assert end(session) == 1000 + 1010


def test_global_names(debug: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "THRESHOLD", 1, raising=False)
    session = paused(debug)
    session.evaluate("THRESHOLD = 5")
    assert targets.THRESHOLD == 1  # type: ignore[attr-defined]  # made above
    session.evaluate("global THRESHOLD\nTHRESHOLD = 6")
    assert targets.THRESHOLD == 6  # type: ignore[attr-defined]  # made above


def test_globals_that_the_code_changes(debug: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "COUNT", 0)
    session = paused(debug)
    session.evaluate("count()")
    assert session.evaluate("COUNT") == 1
    assert session.evaluate("count()\nCOUNT") == 2
    assert session.evaluate("COUNT") == targets.COUNT == 2
    assert session.pause is not None
    assert "COUNT" not in session.pause.locals


def test_variables_of_a_module(debug: Make, tmp_path: Path) -> None:
    file = tmp_path / "cell.py"
    file.write_text("number = 0\ndef count():\n    global number\n    number += 1\nafter = 1\n")
    names = {"__name__": targets.__name__}
    session = debug(lambda: exec(compile(file.read_text(), str(file), "exec"), names))
    session.breakpoints.add(f"{file}:5")
    session.start()
    stop(session)
    session.evaluate("count()\nmore = 3")
    assert session.evaluate("number, more") == (1, 3)
    session.resume()
    end(session)
    assert (names["number"], names["more"], names["after"]) == (1, 3, 1)


def test_watches(debug: Make) -> None:
    session = paused(debug)
    session.watches += ["a + b", "nowhere", "unspeakable()"]
    assert session.pause is not None
    first, second, third = session.pause.view().watches
    assert (first.name, first.text) == ("a + b", "2")
    assert (second.type_name, second.detail) == ("NameError", "failed")
    assert (third.type_name, third.text) == ("Unspeakable", "")


def test_raising_there(debug: Make) -> None:
    session = debug(targets.catches)
    session.breakpoints.add(targets.fails, line="limit = 3")
    session.breakpoints.add(targets.catches, line="return caught")
    session.start()
    stop(session)
    session.raise_error(ZeroDivisionError("from outside"))
    if sys.version_info >= (3, 12):
        assert stop(session) == "catches: return caught"
        session.resume()
    else:
        # Tracing begins anew when `fails` is left, which is before the handler.
        assert stop(session) == "catches: return caught"
        session.resume()
    assert end(session) == "caught"


def test_raising_there_and_nobody_catches_it(debug: Make) -> None:
    session = paused(debug)
    session.raise_error(KeyError("mine"))
    assert session.wait(30)
    assert session.state == "failed"
    assert isinstance(session.error, KeyError)
    functions = []
    traceback = session.error.__traceback__
    while traceback is not None:
        functions.append(traceback.tb_frame.f_code.co_name)
        traceback = traceback.tb_next
    assert functions == ["<lambda>", "outer", "add"]
    with pytest.raises(DebugError, match="no exception"):
        paused(debug).raise_error(3)  # type: ignore[arg-type]  # wrong on purpose


def test_returning_from_the_whole_call(debug: Make) -> None:
    session = paused(debug)
    assert session.pause is not None
    assert session.pause.returns_from == "the whole call"
    session.return_value("mine")
    assert end(session) == "mine"


def test_returning_from_a_function_with_a_boundary(debug: Make) -> None:
    task = targets.Task()
    session = debug(task.run_quantum)
    task.subtask.run = session.boundary(task.subtask.run)  # type: ignore[method-assign]  # as users of it do
    assert task.subtask.run([1]) == 1  # on other threads nothing is different
    session.breakpoints.add(targets.Subtask.run, line="result = sum")
    session.start()
    stop(session)
    assert session.pause is not None
    assert session.pause.returns_from == "Subtask.run"
    session.return_value(1000)
    assert end(session) == 1001


def test_two_sessions_at_once(debug: Make) -> None:
    first, second = debug(lambda: targets.outer(1), "first"), debug(lambda: targets.outer(100), "second")
    for session in (first, second):
        session.breakpoints.add(targets.add)
        session.start()
        stop(session)
    assert first.evaluate("a") == 1
    assert second.evaluate("a") == 100
    assert current_session() is second
    assert current_session("first") is first
    first.step_over()
    assert stop(first) == "add: total = a + b"
    assert stop(second).startswith("add: def")
    assert current_session() is first
    first.abandon()
    assert first.wait(30)
    assert current_session() is second
    second.breakpoints.clear()
    second.resume()
    assert end(second) == 212
    with pytest.raises(DebugError, match="There is no debug session 'third'"):
        current_session("third")


def test_a_breakpoint_of_one_session_does_not_stop_the_other_nor_this_thread(debug: Make) -> None:
    first, second = debug(lambda: targets.outer(1)), debug(lambda: targets.outer(2))
    first.breakpoints.add(targets.add)
    first.start()
    stop(first)
    second.start()
    assert end(second) == 16
    assert targets.outer(1) == 14


def test_an_interrupt_ends_the_wait_and_nothing_else(debug: Make) -> None:
    started, go_on = threading.Event(), threading.Event()
    session = debug(lambda: targets.waits(started, go_on))
    session.start()
    assert started.wait(30)
    timer = threading.Timer(0.1, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        session.wait()
    timer.join()
    assert session.state == "running"
    session.breakpoints.add(targets.waits, line="after = 1")
    go_on.set()
    stop(session)
    assert session.wait(0) is True
    timer = threading.Timer(0.1, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        session.evaluate("import time\nwhile True: time.sleep(0.01)")
    timer.join()
    assert session.state == "paused"
    session.resume()
    assert end(session) == 1


def test_steering_needs_a_pause(debug: Make) -> None:
    session = debug(lambda: targets.outer(1))
    with pytest.raises(DebugError, match="is ready, not paused"):
        session.step_over()
    with pytest.raises(DebugError, match="no result yet"):
        session.result()
    session.start()
    assert end(session) == 14
    with pytest.raises(DebugError, match="is finished, not paused"):
        session.evaluate("1")
    session.abandon()  # there is nothing to give up, and no harm in it


def test_a_pause_that_is_over_says_so(debug: Make) -> None:
    session = paused(debug)
    pause = session.pause
    assert pause is not None
    session.resume()
    stop(session)
    assert pause.is_over
    with pytest.raises(DebugError, match="This pause is over"):
        pause.summary()
    with pytest.raises(DebugError, match="paused already"):
        session.start()


def test_evaluated_code_cannot_wait_for_itself(debug: Make) -> None:
    session = paused(debug)
    with pytest.raises(DebugError, match="cannot wait"):
        session.evaluate(f"import jupyter_mpexec.debug as d\nd.current_session({session.name!r}).wait()")


def test_the_code_goes_on_only_after_evaluations_have_ended(debug: Make) -> None:
    session = paused(debug)
    session.evaluate("import jupyter_mpexec.debug as d\nd.current_session().resume()\na = 1000")
    assert stop(session) == "add: total = a + b"
    assert session.evaluate("first", frame=1) == 1001


def test_changes_are_told(debug: Make) -> None:
    seen: list[str] = []
    session = debug(lambda: targets.outer(1), on_change=lambda s: seen.append(str(s.state)))
    session.breakpoints.add(targets.add, line="return")
    session.start()
    stop(session)
    session.breakpoints.clear()
    session.resume()
    assert end(session) == 14
    assert {"running", "paused"} <= set(seen)


def test_a_listener_that_fails_is_no_obstacle(debug: Make, caplog: pytest.LogCaptureFixture) -> None:
    session = debug(lambda: targets.outer(1), on_change=lambda s: 1 / 0)
    session.start()
    assert end(session) == 14
    assert "listener" in caplog.text


def test_python_ends_although_something_is_paused() -> None:
    script = """
        import sys
        from jupyter_mpexec.debug import DebugSession
        def work():
            try:
                value = 1
                value = 2
            finally:
                print("cleaned", flush=True)
        session = DebugSession(work, name="work", modules=("__main__",))
        session.start(pause_first=True)
        assert session.wait(30) and session.pause is not None
        session.step_over(); session.wait(30); assert session.pause is not None
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "cleaned\n", "")

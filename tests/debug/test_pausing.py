"""Where code pauses: breakpoints, conditions, points, exceptions."""

from __future__ import annotations

import linecache
import threading
from pathlib import Path

import pytest

from jupyter_mpexec.debug import DebugSession
from jupyter_mpexec.errors import BreakpointError

from . import targets
from .conftest import Make, end, stop

FILE = Path(targets.__file__)


def line_of(text: str) -> int:
    return 1 + next(n for n, line in enumerate(FILE.read_text().splitlines()) if text in line)


def test_entry_and_exit_of_nested_subtasks(debug: Make) -> None:
    session = debug(targets.Task().run_quantum)
    for function in (targets.Task.run, targets.Subtask.run):
        session.breakpoints.add(function)
        session.breakpoints.add(function, at="exit")
    session.start()
    seen = []
    while session.wait(30) and session.pause is not None:
        seen.append((session.pause.kind, session.pause.stack[0].function, session.pause.returned))
        session.resume()
    assert seen == [
        ("entry", "Task.run", None),
        ("entry", "Subtask.run", None),
        ("exit", "Subtask.run", ("Subtask.run", 12)),
        ("exit", "Task.run", ("Task.run", 13)),
    ]
    assert end(session) == 13


def test_a_file_and_line(debug: Make) -> None:
    session = debug(lambda: targets.outer(1))
    one = session.breakpoints.add(f"targets.py:{line_of('second = add')}")
    assert one.file == str(FILE)
    session.start()
    assert stop(session) == "outer: second = add(first, 10)"
    assert session.pause is not None
    assert "targets.py" in session.pause.reason
    session.resume()
    assert end(session) == 14
    assert one.hits == 1


def test_a_line_without_code_stands_for_the_next_one(debug: Make) -> None:
    session = debug(lambda: targets.behind(1))
    one = session.breakpoints.add(targets.behind, line="Nor on this one")
    assert one.line == line_of("result = number + 1")
    assert "no code" in one.note
    assert session.notices == (f"Breakpoint 1 is at {one.where}: {one.note}.",)
    two = session.breakpoints.add(f"targets.py:{line_of('And nothing on')}")
    assert two.line == one.line
    three = session.breakpoints.add(f"targets.py:{line_of('def behind')}")
    assert three.line == one.line
    session.start()
    assert stop(session) == "behind: result = number + 1"
    session.resume()
    assert end(session) == 2


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("targets.py:100000", "has .* lines"),
        ("target.py:3", "Did you mean 'targets.py'"),
        ("targets.py", "not of the form"),
        (len, "written in Python"),
        (targets.Task, "is a class"),
    ],
)
def test_places_that_are_not_there(debug: Make, where: object, message: str) -> None:
    session = debug(lambda: None)
    with pytest.raises(BreakpointError, match=message):
        session.breakpoints.add(where)  # type: ignore[arg-type]  # some are wrong on purpose


def test_lines_of_functions_that_are_not_there(debug: Make) -> None:
    marks = debug(lambda: None).breakpoints
    with pytest.raises(BreakpointError, match="No line of add contains"):
        marks.add(targets.add, line="total = a - b")
    with pytest.raises(BreakpointError, match="2 lines of outer"):
        marks.add(targets.outer, line="add(")
    with pytest.raises(BreakpointError, match="is not in it"):
        marks.add(targets.outer, line=1)
    with pytest.raises(BreakpointError, match="is no expression"):
        marks.add(targets.outer, condition="number =")
    assert len(marks) == 0


def test_conditions(debug: Make) -> None:
    session = debug(lambda: targets.loop(10))
    session.breakpoints.add(
        targets.loop, line="total +=", condition="number in (3, 7) and any(number for _ in [1])"
    )
    session.start()
    stop(session)
    assert session.evaluate("number") == 3
    session.resume()
    stop(session)
    assert session.evaluate("number") == 7
    session.resume()
    assert end(session) == 45


@pytest.mark.parametrize(
    ("condition", "message"), [("nowhere > 1", "NameError: name"), ("unspeakable()", "Unspeakable")]
)
def test_a_condition_that_raises_pauses_and_says_so(debug: Make, condition: str, message: str) -> None:
    session = debug(lambda: targets.loop(1))
    session.breakpoints.add(targets.loop, line="total +=", condition=condition)
    session.start()
    stop(session)
    assert session.pause is not None
    assert message in session.pause.reason
    session.resume()
    assert end(session) == 0


def test_breakpoints_are_switched_and_removed_while_paused(debug: Make) -> None:
    session = debug(lambda: targets.loop(100))
    one = session.breakpoints.add(targets.loop, line="total +=")
    session.start()
    stop(session)
    one.enabled = False
    two = session.breakpoints.add(targets.loop, line="return")
    session.resume()
    assert stop(session) == "loop: return total"
    session.breakpoints.remove(two)
    assert [b.number for b in session.breakpoints] == [one.number]
    session.resume()
    assert end(session) == 4950


def test_a_breakpoint_that_is_added_while_the_code_runs(debug: Make) -> None:
    started, go_on = threading.Event(), threading.Event()
    session = debug(lambda: targets.waits(started, go_on))
    session.start()
    assert started.wait(30)
    session.breakpoints.add(targets.waits, line="after = 1")
    go_on.set()
    assert stop(session) == "waits: after = 1"
    session.resume()
    assert end(session) == 1


def test_a_comprehension_on_the_line_does_not_pause_for_each_item(debug: Make) -> None:
    session = debug(targets.Task().run_quantum)
    session.breakpoints.add(targets.Task.run, line="doubled =")
    session.start()
    assert stop(session) == "Task.run: doubled = [2 * value for value in values]"
    session.resume()
    assert end(session) == 13


def test_an_exit_by_an_exception(debug: Make) -> None:
    session = debug(targets.catches)
    session.breakpoints.add(targets.fails, at="exit")
    session.start()
    stop(session)
    assert session.pause is not None
    assert (session.pause.kind, session.pause.returned) == ("exit", None)
    session.resume()
    assert end(session) == "caught"


def test_points(debug: Make) -> None:
    def work() -> int:
        seen.append(session.pause_here("before get of raw", point="get"))
        session.pause_here("before put of calexp", point="put")
        return 3

    seen: list[bool] = []
    session = debug(work, modules=(__name__,))
    session.breakpoints.add_point("put")
    session.start()
    assert stop(session).endswith('session.pause_here("before put of calexp", point="put")')
    assert session.pause is not None
    assert (session.pause.kind, session.pause.reason) == ("point", "before put of calexp")
    session.step_over()
    assert stop(session).endswith("return 3")
    session.resume()
    assert end(session) == 3
    assert seen == [False]
    assert session.pause_here("nobody is here") is False


def test_stepping_and_assigning_from_a_point_where_nothing_was_traced(debug: Make) -> None:
    session = debug(lambda: targets.gets(session.pause_here))
    session.breakpoints.exceptions = "never"
    session.start()
    assert stop(session) == 'gets: point("before get")'
    session.evaluate("value = 100")
    session.step_over()
    assert stop(session) == "gets: value += add(value, 1)"
    session.step_into()
    assert stop(session) == "add: total = a + b"
    session.resume()
    assert end(session) == 201


def test_raising_and_returning_at_a_point(debug: Make) -> None:
    session = debug(lambda: targets.gets(session.pause_here))
    session.start()
    stop(session)
    session.raise_error(OSError("no such dataset"))
    assert session.wait(30)
    assert isinstance(session.error, OSError)
    session.restart()
    stop(session)
    session.return_value(5)
    assert end(session) == 5


def test_a_breakpoint_added_before_a_point_is_seen_after_it(debug: Make) -> None:
    started, go_on = threading.Event(), threading.Event()

    def point(reason: str) -> None:
        started.set()
        assert go_on.wait(30)
        session.pause_here(reason, point="get")

    session = debug(lambda: targets.gets(point))
    session.breakpoints.exceptions = "never"
    session.start()
    assert started.wait(30)
    session.breakpoints.add(targets.add, line="return total")
    go_on.set()
    assert stop(session) == "add: return total"
    session.resume()
    assert end(session) == 3


def test_a_failure_inside_a_context_manager_that_is_a_generator(debug: Make) -> None:
    log: list[str] = []
    session = debug(lambda: targets.uses_managed(log))
    session.start()
    assert stop(session) == "fails: return limit / number"
    assert log == ["enter"]
    session.step_out()
    assert stop(session) == "uses_managed: with managed(log) as number:"
    session.step_into()
    assert stop(session) == 'managed: log.append("leave")'
    session.breakpoints.exceptions = "never"
    session.resume()
    assert session.wait(30)
    assert session.state == "failed"
    assert log == ["enter", "leave"]


def test_an_uncaught_exception_pauses_before_the_stack_unwinds(debug: Make) -> None:
    log: list[str] = []
    session = debug(lambda: targets.guarded_failure(log))
    session.start()
    assert stop(session) == "fails: return limit / number"
    pause = session.pause
    assert pause is not None
    assert isinstance(pause.exception, ZeroDivisionError)
    assert [frame.function for frame in pause.stack] == ["fails", "guarded_failure"]
    assert log == ["open"]
    assert session.evaluate("limit, number") == (3, 0)
    session.resume()
    assert session.wait(30)
    assert log == ["open", "finally", "closed"]
    assert session.state == "failed"
    with pytest.raises(ZeroDivisionError):
        session.result()


def test_exceptions_that_will_be_caught_do_not_pause(debug: Make) -> None:
    for call, value in (
        (targets.catches, "caught"),
        (targets.asks_politely, False),
        (targets.consume, [1, 2]),
    ):
        session = debug(call)
        session.start()
        assert end(session) == value


def test_one_that_is_raised_anew_by_its_handler_pauses_where_it_came_from(debug: Make) -> None:
    session = debug(targets.reraises)
    session.start()
    assert stop(session) == "fails: return limit / number"
    session.resume()
    assert stop(session).startswith("reraises: raise ValueError")
    session.resume()
    assert session.wait(30)
    assert isinstance(session.error, ValueError)


def test_one_that_the_outermost_function_may_keep_pauses_when_it_leaves_that(debug: Make) -> None:
    session = debug(lambda: targets.may_keep(keep=True))
    session.start()
    assert end(session) == "kept"
    session = debug(lambda: targets.may_keep(keep=False))
    session.breakpoints.add(targets.may_keep, at="exit")
    session.start()
    assert stop(session) == "may_keep: raise"
    pause = session.pause
    assert pause is not None
    assert (pause.kind, pause.reason) == ("exception", "ZeroDivisionError leaves may_keep")
    assert pause.locals["answer"] == "kept"
    session.resume()
    assert session.wait(30)
    assert isinstance(session.error, ZeroDivisionError)


def test_one_that_an_inner_function_may_keep_pauses_in_its_caller(debug: Make) -> None:
    session = debug(lambda: targets.may_keep_inside(keep=True))
    session.start()
    assert end(session) == "kept"
    session = debug(lambda: targets.may_keep_inside(keep=False))
    session.start()
    assert stop(session) == "may_keep_inside: return may_keep(keep=keep)"
    session.resume()
    assert session.wait(30)
    assert session.state == "failed"


def test_types_that_are_known_too_late(debug: Make) -> None:
    session = debug(lambda: targets.may_know(ZeroDivisionError))
    session.start()
    assert end(session) == "known"
    session = debug(lambda: targets.may_know(KeyError))
    session.start()
    assert stop(session).startswith("may_know")
    session.return_value("mine")
    assert end(session) == "mine"


def test_something_else_that_ends_the_call_is_not_taken_for_it(debug: Make) -> None:
    def work(*, keep: bool = True) -> None:
        try:
            targets.fails(0)
        except ZeroDivisionError:
            if not keep:
                raise
        raise SystemExit

    session = debug(work, modules=(targets, __name__))
    session.start()
    assert session.wait(30)
    assert isinstance(session.error, SystemExit)


def test_the_first_handler_that_fits_tells(debug: Make) -> None:
    session = debug(targets.passes_on)
    session.start()
    assert stop(session) == "fails: return limit / number"


def test_every_exception_and_none(debug: Make) -> None:
    session = debug(targets.catches)
    session.breakpoints.exceptions = "every"
    session.start()
    assert stop(session) == "fails: return limit / number"
    session.resume()
    assert end(session) == "caught"
    session.breakpoints.exceptions = "never"
    session.restart()
    assert end(session) == "caught"
    with pytest.raises(BreakpointError, match="Did you mean"):
        session.breakpoints.exceptions = "uncought"  # type: ignore[assignment]  # what this is about


def test_one_that_untraced_code_raises_pauses_where_it_comes_in(debug: Make) -> None:
    session = debug(lambda: targets.by_key(["a"]))  # type: ignore[list-item]  # wrong on purpose
    session.start()
    assert stop(session) == "negative: result = -value"


def test_a_function_of_a_notebook_cell(debug: Make) -> None:
    source = "def twice(x):\n    y = x\n    return 2 * y\n"
    name = "/tmp/ipykernel_1/123.py"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    namespace: dict[str, object] = {"__name__": "__main__"}
    exec(compile(source, name, "exec"), namespace)
    twice = namespace["twice"]
    assert callable(twice)
    session = debug(lambda: twice(4))
    session.breakpoints.add(twice, line="return")
    session.start()
    assert stop(session) == "twice: return 2 * y"
    session.resume()
    assert end(session) == 8


def test_a_method_that_was_redefined_keeps_its_breakpoint(
    debug: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = debug(targets.Task().run_quantum)
    session.breakpoints.add(targets.Subtask.run)

    def patched(self: object, values: list[int]) -> int:
        return 100

    monkeypatch.setattr(targets.Subtask, "run", patched)
    session.start()
    assert stop(session).startswith(
        "test_a_method_that_was_redefined_keeps_its_breakpoint.<locals>.patched: def patched"
    )
    session.resume()
    assert end(session) == 101


def test_code_in_functions_within_functions(debug: Make) -> None:
    session = debug(targets.closure(4))
    session.breakpoints.add(f"targets.py:{line_of('number += 1')}")
    session.start()
    assert stop(session).endswith("number += 1")
    session.evaluate("number = 10")
    session.resume()
    assert end(session) == 11


def test_sessions_name_their_thread() -> None:
    names: list[str] = []
    session = DebugSession(
        lambda: names.append(threading.current_thread().name), name="isr", modules=("nothing",)
    )
    session.start()
    assert session.wait(30)
    assert names == ["jupyter_mpexec debug isr"]

"""Stepping: over, into and out, through functions, generators, exceptions and C code."""

from __future__ import annotations

import pytest

from . import targets
from .conftest import Make, end, stop


def test_without_breakpoints_it_runs_through(debug: Make) -> None:
    session = debug(lambda: targets.outer(1))
    session.start()
    assert end(session) == 14
    assert session.state == "finished"


def test_step_over_goes_line_by_line_and_out_to_the_caller(debug: Make) -> None:
    session = debug(lambda: targets.outer(1))
    session.breakpoints.add(targets.add)
    session.start()
    assert stop(session) == "add: def add(a: int, b: int) -> int:"
    session.step_over()
    assert stop(session) == "add: total = a + b"
    session.step_over()
    assert stop(session) == "add: return total"
    session.step_over()
    assert stop(session) == "outer: second = add(first, 10)"
    assert session.pause is not None
    assert session.pause.returned == ("add", 2)
    session.breakpoints.clear()
    session.step_over()
    assert stop(session) == "outer: return first + second"
    session.step_over()
    assert end(session) == 14


def test_step_into_and_out(debug: Make) -> None:
    session = debug(targets.Task().run_quantum)
    session.start(pause_first=True)
    assert stop(session) == "Task.run_quantum: result = self.run([1, 2, 3])"
    session.step_into()
    assert stop(session) == "Task.run: doubled = [2 * value for value in values]"
    session.step_over()
    assert stop(session) == "Task.run: result = self.subtask.run(doubled)"
    session.step_into()
    assert stop(session) == "Subtask.run: result = sum(values)"
    session.step_into()  # nothing to go into: C code is passed over
    assert stop(session) == "Subtask.run: return result"
    assert session.pause is not None
    assert [frame.function for frame in session.pause.stack] == [
        "Subtask.run",
        "Task.run",
        "Task.run_quantum",
    ]
    session.step_out()
    assert stop(session) == "Task.run: return result + 1"
    assert session.pause is not None
    assert session.pause.returned == ("Subtask.run", 12)
    session.step_out()
    assert stop(session) == "Task.run_quantum: return result"
    session.step_out()
    assert end(session) == 13


def test_step_over_stays_in_one_call_of_a_recursion(debug: Make) -> None:
    session = debug(lambda: targets.factorial(5))
    session.breakpoints.add(targets.factorial, line="below =", condition="number == 3")
    session.start()
    assert stop(session) == "factorial: below = factorial(number - 1)"
    session.step_over()
    assert stop(session) == "factorial: return number * below"
    assert session.evaluate("number, below") == (3, 2)
    session.step_out()
    assert stop(session) == "factorial: return number * below"
    assert session.evaluate("number") == 4
    session.resume()
    assert end(session) == 120


def test_step_over_a_yield_goes_to_the_consumer(debug: Make) -> None:
    session = debug(targets.consume)
    session.breakpoints.add(targets.numbers, line="yield one")
    session.start()
    assert stop(session) == "numbers: yield one"
    session.step_over()
    assert stop(session) == "consume: seen.append(number)"
    assert session.pause is not None
    assert session.pause.returned == ("numbers", 1)
    session.step_over()
    assert stop(session) == "consume: for number in numbers():"
    session.step_into()
    assert stop(session) == "numbers: two = 2"
    session.step_out()
    assert stop(session) == "consume: seen.append(number)"
    session.resume()
    assert end(session) == [1, 2]


def test_step_over_a_yield_stays_where_c_code_consumes(debug: Make) -> None:
    session = debug(targets.consume_at_once)
    session.breakpoints.add(targets.numbers, line="yield one")
    session.start()
    assert stop(session) == "numbers: yield one"
    session.step_over()
    assert stop(session) == "numbers: two = 2"
    session.step_out()
    assert stop(session) == "consume_at_once: return seen"
    session.resume()
    assert end(session) == [1, 2]


def test_a_generator_that_untraced_code_consumes(debug: Make) -> None:
    session = debug(lambda: list(targets.numbers()))
    session.breakpoints.add(targets.numbers, line="yield one")
    session.start()
    assert stop(session) == "numbers: yield one"
    session.step_over()
    assert stop(session) == "numbers: two = 2"
    session.resume()
    assert end(session) == [1, 2]


def test_untraced_code_between_is_passed_over(debug: Make) -> None:
    # The outermost traced function ends, and untraced code calls the next one.
    session = debug(lambda: [targets.add(1, 2), targets.negative(3)])
    session.breakpoints.add(targets.add, line="return")
    session.start()
    assert stop(session) == "add: return total"
    session.step_over()
    assert stop(session) == "negative: result = -value"
    session.resume()
    assert end(session) == [3, -3]


def test_frames_called_back_from_c_code(debug: Make) -> None:
    session = debug(lambda: targets.by_key([1, 3, 2]))
    session.breakpoints.add(targets.negative, condition="value == 2")
    session.start()
    stop(session)
    assert session.pause is not None
    assert [frame.function for frame in session.pause.stack] == ["negative", "by_key"]
    session.step_out()
    assert stop(session) == "by_key: return ordered"
    session.resume()
    assert end(session) == [3, 2, 1]


def test_step_over_a_line_that_raises_goes_to_the_handler(debug: Make) -> None:
    session = debug(targets.catches)
    session.start(pause_first=True)
    assert stop(session) == "catches: try:"
    session.step_over()
    assert stop(session) == "catches: fails(0)"
    session.step_over()
    assert stop(session) == "catches: except ZeroDivisionError:"
    session.resume()
    assert end(session) == "caught"


def test_step_out_of_a_function_that_raises_goes_to_the_handler(debug: Make) -> None:
    session = debug(targets.catches)
    session.breakpoints.add(targets.fails)
    session.start()
    stop(session)
    session.step_out()
    assert stop(session) == "catches: except ZeroDivisionError:"


def test_finally_and_exit_of_a_with_statement_are_stepped_through(debug: Make) -> None:
    log: list[str] = []
    session = debug(lambda: targets.guarded(log))
    session.breakpoints.add(targets.guarded, line="still")
    session.start()
    stop(session)
    lines = []
    while session.pause is not None:
        session.step_over()
        session.wait(30)
        if session.pause is not None:
            lines.append(stop(session))
    assert lines == [
        'guarded: log.append("finally")',
        "guarded: with Door(log):",
        'guarded: return "done"',
    ]
    assert log == ["open", "inside", "still inside", "finally", "closed"]


@pytest.mark.parametrize("repeat", range(5))
def test_breaking_into_code_that_runs(debug: Make, repeat: int) -> None:
    import threading

    started, go_on = threading.Event(), threading.Event()
    session = debug(lambda: targets.waits(started, go_on))
    session.start()
    assert started.wait(30)
    session.break_in()
    assert stop(session).startswith("waits: ")
    go_on.set()
    session.resume()
    assert end(session) == 1

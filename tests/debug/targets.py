"""Code to debug."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any


def add(a: int, b: int) -> int:
    """Add two numbers."""
    total = a + b
    return total


def outer(number: int) -> int:
    first = add(number, 1)
    second = add(first, 10)
    return first + second


class Subtask:
    def run(self, values: list[int]) -> int:
        result = sum(values)
        return result


class Task:
    def __init__(self) -> None:
        self.subtask = Subtask()

    def run(self, values: list[int]) -> int:
        doubled = [2 * value for value in values]
        result = self.subtask.run(doubled)
        return result + 1

    def run_quantum(self) -> int:
        result = self.run([1, 2, 3])
        return result


def numbers() -> Iterator[int]:
    one = 1
    yield one
    two = 2
    yield two
    three = 3  # noqa: F841  # a line to stop at


def consume() -> list[int]:
    seen = []
    for number in numbers():
        seen.append(number)
    return seen


def consume_at_once() -> list[int]:
    seen = list(numbers())
    return seen


def fails(number: int) -> float:
    limit = 3
    return limit / number


def catches() -> str:
    try:
        fails(0)
    except ZeroDivisionError:
        caught = "caught"
        return caught
    return "no"


def reraises() -> float:
    try:
        return fails(0)
    except ZeroDivisionError as error:
        raise ValueError("no number") from error


def may_keep(*, keep: bool) -> str:
    try:
        fails(0)
    except ZeroDivisionError:
        answer = "kept"
        if not keep:
            raise
    return answer


def may_keep_inside(*, keep: bool) -> str:
    return may_keep(keep=keep)


def may_know(kind: type[Exception]) -> str:
    try:
        fails(0)
    except next(iter([kind])):
        return "known"
    return "no"


def passes_on() -> str:
    try:
        fails(0)
    except ZeroDivisionError:
        raise
    except Exception:
        return "caught"
    return "no"


def asks_politely() -> bool:
    with contextlib.suppress(ZeroDivisionError):
        fails(0)
    return hasattr(Proxy(), "colour")


class Proxy:
    def __getattr__(self, name: str) -> object:
        raise AttributeError(name)


class Door:
    def __init__(self, log: list[str]) -> None:
        self.log = log

    def __enter__(self) -> None:
        self.log.append("open")

    def __exit__(self, *args: object) -> None:
        self.log.append("closed")


def guarded(log: list[str]) -> str:
    with Door(log):
        try:
            log.append("inside")
            log.append("still inside")
        finally:
            log.append("finally")
    return "done"


def guarded_failure(log: list[str]) -> None:
    with Door(log):
        try:
            fails(0)
        finally:
            log.append("finally")


def stubborn(log: list[str], point: Callable[[], object]) -> str:
    try:
        log.append("begin")
    except BaseException as error:
        log.append(type(error).__name__)
    point()
    log.append("written")
    return "done"


def locked(lock: Any, began: Any) -> str:
    with lock:
        inside = "inside"
        return inside


def obstinate(log: list[str], times: int) -> str:
    """Do not let itself be given up, so many times."""
    while len(log) < times:
        try:
            log.append("begin")
            while True:
                sum(range(100))
        except BaseException as error:
            log[-1] = type(error).__name__
    return "done"


COUNT = 0


def count() -> int:
    global COUNT  # what this is about
    COUNT += 1
    return COUNT


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def unspeakable() -> None:
    raise Unspeakable


def factorial(number: int) -> int:
    if number <= 1:
        return 1
    below = factorial(number - 1)
    return number * below


def by_key(values: list[int]) -> list[int]:
    ordered = sorted(values, key=negative)
    return ordered


def negative(value: int) -> int:
    result = -value
    return result


def waits(started: Any, go_on: Any) -> int:
    started.set()
    while not go_on.is_set():
        go_on.wait(0.01)
    after = 1
    return after


def closure(number: int) -> Callable[[], int]:
    def inner() -> int:
        nonlocal number
        number += 1
        return number

    return inner


def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any) -> Any:
        return function(*args)

    return wrapper


@decorated
def behind(number: int) -> int:
    """Have a docstring.

    And nothing on this line.
    """
    # Nor on this one.
    result = number + 1

    return result


def loop(times: int) -> int:
    total = 0
    for number in range(times):
        total += number
    return total


def gets(point: Callable[[str], object]) -> int:
    value = 1
    point("before get")
    value += add(value, 1)
    return value


@contextlib.contextmanager
def managed(log: list[str]) -> Iterator[int]:
    log.append("enter")
    try:
        yield 7
    finally:
        log.append("leave")


def uses_managed(log: list[str]) -> float:
    with managed(log) as number:
        return fails(number - 7)

"""Frames as plain records."""

from __future__ import annotations

import json
import linecache
import sys
from types import FrameType

from jupyter_mpexec.debug.source import excerpt, source_lines
from jupyter_mpexec.debug.summaries import FrameSummary, Variable, summarize_frame, summarize_traceback


def outer(number: int) -> float:
    import string  # a module is not worth showing

    label = f"for {string.capwords('b')}"
    return inner(number, label)


def inner(number: int, label: str) -> float:
    values = list(range(number))
    return values[number] / len(label)


def failure() -> Exception:
    try:
        outer(3)
    except IndexError as error:
        return error
    raise AssertionError


def test_a_traceback_has_all_frames_with_their_variables() -> None:
    frames = summarize_traceback(failure().__traceback__)
    assert [frame.function for frame in frames] == ["failure", "outer", "inner"]
    last = frames[-1]
    assert last.file == __file__
    assert last.source[last.line - last.first_line].strip() == "return values[number] / len(label)"
    assert last.variables == (
        Variable("number", "int", "3"),
        Variable("label", "str", "'for B'"),
        Variable("values", "list", "[0, 1, 2]", "3 items"),
    )
    assert [variable.name for variable in frames[1].variables] == ["number", "label"]


def test_only_the_innermost_frames_are_kept() -> None:
    def deeper(n: int) -> None:
        if not n:
            raise ValueError
        deeper(n - 1)

    try:
        deeper(100)
    except ValueError as error:
        frames = summarize_traceback(error.__traceback__, frames=7)
    assert [frame.variables[0].text for frame in frames] == ["6", "5", "4", "3", "2", "1", "0"]


def test_variables_that_there_is_no_room_for_are_counted() -> None:
    names = {f"name_{n}": n for n in range(100)}
    code = "\n".join([*(f"{name} = {n}" for name, n in names.items()), "frame = sys._getframe()"])
    namespace: dict[str, object] = {"sys": sys, "__secret__": 1}
    exec(compile(code, "<made>", "exec"), namespace)
    frame = namespace["frame"]
    assert isinstance(frame, FrameType)
    summary = summarize_frame(frame, variables=10)
    assert len(summary.variables) == 10
    assert summary.left_out == 91
    assert summary.source == ()


def test_json_and_back() -> None:
    for frame in summarize_traceback(failure().__traceback__):
        assert FrameSummary.from_json(json.loads(json.dumps(frame.to_json()))) == frame


def test_what_a_newer_version_added_is_ignored() -> None:
    frame = summarize_traceback(failure().__traceback__)[-1]
    assert FrameSummary.from_json({**frame.to_json(), "colour": "red"}) == frame


def test_the_excerpt_of_a_long_function_is_around_the_line() -> None:
    text = "def long():\n" + "".join(f"    x = {n}\n" for n in range(200))
    linecache.cache["<long>"] = (len(text), None, text.splitlines(keepends=True), "<long>")
    code = compile(text, "<long>", "exec").co_consts[0]
    first, lines = excerpt(code, 101, limit=11)
    assert len(lines) == 11
    assert lines[101 - first].strip() == "x = 99"
    first, lines = excerpt(code, 1, limit=11)
    assert (first, lines[0]) == (1, "def long():")
    first, lines = excerpt(code, 201, limit=11)
    assert lines[-1].strip() == "x = 199"


def test_source_that_is_not_there() -> None:
    assert source_lines("<nowhere>") == []
    assert excerpt(compile("1", "<nowhere>", "exec"), 1) == (1, ())

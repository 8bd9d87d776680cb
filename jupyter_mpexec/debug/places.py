"""Finding the line that is meant: files by a part of their path, lines by number or text, the next line with code."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import CodeType, FunctionType, MethodType
from typing import Any, NamedTuple

from jupyter_mpexec.display.frame_page import known_file
from jupyter_mpexec.errors import BreakpointError, did_you_mean

from .source import code_lines, source_lines

__all__ = [
    "Place",
    "absolute",
    "line_in_file",
    "line_in_function",
    "plain_function",
    "split_file_and_line",
    "successor",
]


class Place(NamedTuple):
    """A line that has code.

    Parameters
    ----------
    file
        Full path of the file, or name of a notebook cell.
    line
        Number of the line.
    function
        Qualified name of the function it is in; empty outside of any.
    note
        That it is not the line that was asked for, if so.
    """

    file: str
    line: int
    function: str
    note: str


@functools.lru_cache(maxsize=10_000)
def absolute(file: str) -> str:
    """Get the full path of a file; a name in angle brackets stays as it is."""
    return file if file.startswith("<") else os.path.abspath(file)  # noqa: PTH100  # Path would cost ten times as much


def plain_function(function: object) -> FunctionType:
    """Get the function of a method, or behind decorators that say what they wrap."""
    inner: Any = function
    while True:
        if isinstance(inner, functools.partial):
            inner = inner.func
        elif isinstance(inner, MethodType | staticmethod | classmethod):
            inner = inner.__func__
        elif hasattr(inner, "__wrapped__"):
            inner = inner.__wrapped__
        else:
            break
    if not isinstance(inner, FunctionType):
        what = "a class" if isinstance(inner, type) else f"of type {type(inner).__name__}"
        name = getattr(function, "__name__", function)
        raise BreakpointError(
            f"{name!r} is {what}; only functions that are written in Python have lines.",
            hint="Name one of its methods, such as `CalibrateTask.run`." if isinstance(inner, type) else "",
        )
    return inner


def successor(function: FunctionType) -> FunctionType:
    """Get the function that is now where a function was defined; itself if there is none."""
    found: Any = sys.modules.get(function.__module__)
    for name in function.__qualname__.split("."):
        found = inspect.getattr_static(found, name, None)
    try:
        return plain_function(found)
    except BreakpointError:
        return function


def split_file_and_line(text: str) -> tuple[str, int]:
    """Take ``file:line`` apart."""
    file, _, number = text.rpartition(":")
    if not file or not number.strip().isdigit():
        raise BreakpointError(
            f"{text!r} is not of the form file:line.", hint="Write, for instance, 'calibrate.py:42'."
        )
    return file.strip(), int(number)


def line_in_file(file: str, line: int, known: Iterable[str]) -> Place:
    """Find a line of a file.

    Parameters
    ----------
    file
        Its full path, or the end of it.
    line
        Number of the line.
    known
        Full paths of the files that may be meant.
    """
    path = _full_path(file, known)
    lines = source_lines(path)
    if not lines:
        raise BreakpointError(
            f"The source of {known_file(path)} cannot be read.", hint="Name a function instead of a line."
        )
    if not 1 <= line <= len(lines):
        raise BreakpointError(f"{known_file(path)} has {len(lines)} lines, and no line {line}.")
    try:
        module = compile("\n".join(lines) + "\n", path, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise BreakpointError(f"{known_file(path)} cannot be read as Python: {error}.") from None
    return _place(path, line, module)


def line_in_function(function: object, line: int | str) -> Place:
    """Find a line of a function.

    Parameters
    ----------
    function
        The function or method.
    line
        Number of the line in its file, or a part of its text.
    """
    code = plain_function(function).__code__
    first, last = code_lines(code)
    if isinstance(line, str):
        line = _line_with_text(code, line, first, last)
    if not first <= line <= last:
        raise BreakpointError(f"{code.co_qualname} goes from line {first} to {last}; {line} is not in it.")
    return _place(absolute(code.co_filename), line, code)


def _line_with_text(code: CodeType, text: str, first: int, last: int) -> int:
    lines = source_lines(code.co_filename)[first - 1 : last]
    if not lines:
        raise BreakpointError(
            f"The source of {code.co_qualname} is not there to be searched.", hint="Give a number."
        )
    found = [first + n for n, one in enumerate(lines) if text in one]
    if not found:
        raise BreakpointError(
            f"No line of {code.co_qualname} contains {text!r}.",
            hint=did_you_mean(text, [one.strip() for one in lines]),
        )
    if len(found) > 1:
        shown = "; ".join(f"{n}: {lines[n - first].strip()}" for n in found[:5])
        raise BreakpointError(
            f"{len(found)} lines of {code.co_qualname} contain {text!r}: {shown}.",
            hint="Give more of the text, or the number of one.",
        )
    return found[0]


def _full_path(file: str, known: Iterable[str]) -> str:
    # Source that is nowhere on disk: notebook cells, and what was patched in one.
    if file.startswith("<") or (Path(file).is_absolute() and (Path(file).is_file() or source_lines(file))):
        return absolute(file)
    everything = sorted({absolute(one) for one in known})
    found = [one for one in everything if one == file or one.endswith(f"{os.sep}{file}")]
    if len(found) == 1:
        return found[0]
    if found:
        raise BreakpointError(f"{file} may be any of {', '.join(found)}.", hint="Write more of its path.")
    if Path(file).is_file():
        return absolute(file)
    raise BreakpointError(
        f"None of the files that are debugged is called {file}.",
        hint=did_you_mean(Path(file).name, {Path(one).name for one in everything}) or "Write its full path.",
    )


def _place(file: str, line: int, outermost: CodeType) -> Place:
    code = outermost
    while True:
        inside = [c for c in _inner(code) if code_lines(c)[0] <= line <= code_lines(c)[1]]
        if not inside:
            break
        # Two on one line: the one that begins later is the inner one.
        code = max(inside, key=lambda c: (_is_function(c), code_lines(c)[0]))
    # The line of `def` runs when the function is made; whoever points at it means the function.
    body = _body_lines(code) if _is_function(code) else {n for _, _, n in code.co_lines() if n}
    later = sorted(n for n in body if n >= line)
    if not later:
        raise BreakpointError(
            f"There is no code at line {line} of {known_file(file)}, nor after it in the same function."
        )
    moved = later[0] != line
    return Place(
        file,
        later[0],
        code.co_qualname if _is_function(code) else "",
        f"line {line} has no code to pause at" if moved else "",
    )


def _body_lines(code: CodeType) -> set[int]:
    lines = {n for _, _, n in code.co_lines() if n}
    return lines - {code.co_firstlineno} or lines


def _inner(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant


def _is_function(code: CodeType) -> bool:
    return bool(code.co_flags & inspect.CO_OPTIMIZED) and not code.co_name.startswith("<")

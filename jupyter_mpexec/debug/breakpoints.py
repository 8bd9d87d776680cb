"""The places to pause at."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Literal

from jupyter_mpexec.display.frame_page import known_file
from jupyter_mpexec.errors import BreakpointError, did_you_mean

from .evaluation import Condition
from .places import Place, absolute, line_in_file, line_in_function, plain_function, split_file_and_line
from .value_text import describe_error
from .versions import Versions

__all__ = ["At", "Breakpoint", "Breakpoints", "ExceptionMode"]

At = Literal["entry", "exit", "line", "point"]
ExceptionMode = Literal["uncaught", "every", "never"]

# Those that begin on a line belong to it: whoever wants to pause there does not want to for each of their items.
_COMPREHENSIONS = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})

_REPLACED = "another version of this code has taken its place; add one there"

_EXCEPTION_MODES = ("uncaught", "every", "never")


@dataclass(eq=False)
class Breakpoint:
    """A place to pause at; `Breakpoints.add` makes it.

    Parameters
    ----------
    number
        Its number in the list.
    at
        At a line, at the entry or the exit of a function, or at a named point that the debugged code announces.
    name
        Name of the function or point; of the function that the line is in.
    file, line
        Where it is; empty and 0 for a point.
    condition
        An expression; pause only where it is true.
    hits
        How often it has made code pause.
    note
        What the user ought to know: that the line was moved, or that its condition fails.
    """

    number: int
    at: At
    name: str
    file: str
    line: int
    condition: str = ""
    hits: int = 0
    note: str = ""
    _function: object = None
    # Kept, so that no other code gets the same identity.
    _codes: tuple[CodeType, ...] = ()
    _condition: Condition | None = None
    _changed: Callable[[], None] = lambda: None
    _enabled: bool = True

    @property
    def enabled(self) -> bool:
        """Whether it makes code pause; may be set."""
        return self._enabled

    @enabled.setter
    def enabled(self, value: bool) -> None:
        self._enabled = value
        self._changed()

    @property
    def where(self) -> str:
        """The place, in words."""
        match self.at:
            case "point":
                return self.name
            case "line":
                return f"{Path(known_file(self.file)).name}:{self.line}" + (
                    f" in {self.name}" if self.name else ""
                )
            case _:
                return f"{self.at} of {self.name}"

    def __repr__(self) -> str:
        parts = [f"{self.number}: {self.where}"]
        if self.condition:
            parts.append(f"if {self.condition}")
        if not self._enabled:
            parts.append("(disabled)")
        if self.note:
            parts.append(f"({self.note})")
        return f"<Breakpoint {' '.join(parts)}>"

    def applies(self, frame: FrameType) -> str | None:
        """Tell why to pause in a frame: the place, in words; None if the condition is not met.

        A condition that fails is a reason to pause: nobody would find out otherwise.
        """
        reason = f"breakpoint {self.number}, {self.where}"
        if self._condition is not None:
            try:
                if not self._condition(frame):
                    return None
                reason = f"{reason} if {self.condition}"
            except Exception as error:
                self.note = f"its condition raised {describe_error(error)}"
                reason = f"{reason}; {self.note}"
        self.hits += 1
        return reason


class Breakpoints:
    """All places where a session pauses; may be changed at any time.

    Parameters
    ----------
    files
        Returns the source files to look through for one that is given by a part of its path.
    changed
        Called after each change.
    """

    def __init__(self, files: Callable[[], Iterable[str]], changed: Callable[[], None]) -> None:
        self._files = files
        self._changed = changed
        self._lock = threading.Lock()
        self._all: tuple[Breakpoint, ...] = ()
        self._number = 0
        self._exceptions: ExceptionMode = "uncaught"
        self._lines: dict[tuple[str, int], list[Breakpoint]] = {}
        self._marks: dict[tuple[int, At], list[Breakpoint]] = {}
        self._line_files: frozenset[str] = frozenset()
        self._versions = Versions()

    @property
    def exceptions(self) -> ExceptionMode:
        """Which exceptions pause before the stack unwinds; may be set.

        ``"uncaught"`` (the default): those that will leave the traced modules, as far as can be told from the source;
        where it cannot, they pause as they leave.
        ``"every"``: each one that is raised in the traced modules, or comes into them. ``"never"``: none.
        """
        return self._exceptions

    @exceptions.setter
    def exceptions(self, value: ExceptionMode) -> None:
        if value not in _EXCEPTION_MODES:
            raise BreakpointError(
                f"Exceptions pause {', '.join(map(repr, _EXCEPTION_MODES))}, not {value!r}.",
                hint=did_you_mean(str(value), _EXCEPTION_MODES),
            )
        self._exceptions = value
        self._changed()

    def add(
        self,
        where: str | Callable[..., object],
        *,
        line: int | str | None = None,
        at: Literal["entry", "exit"] = "entry",
        condition: str = "",
    ) -> Breakpoint:
        """Add a place to pause at.

        Parameters
        ----------
        where
            ``"file.py:42"``, with the file's name or any part of its path; or a function or method.
        line
            A line of that function: its number in the file, or a part of its text. A line without code stands for
            the next one that has some.
        at
            Without a line: pause where the function is entered, or where it returns or an exception leaves it.
        condition
            An expression that is evaluated in the function; pause only where it is true.

        Raises
        ------
        BreakpointError
            If there is no such place, or the condition is no expression.
        """
        if isinstance(where, str):
            if line is not None:
                raise BreakpointError("A line goes with a function.", hint=f"Write {f'{where}:{line}'!r}.")
            return self._add_line(line_in_file(*split_file_and_line(where), self._files()), None, condition)
        if line is not None:
            return self._add_line(line_in_function(where, line), where, condition)
        if at not in ("entry", "exit"):
            raise BreakpointError(f"A function has an 'entry' and an 'exit', no {at!r}.")
        function = plain_function(where)
        code = function.__code__
        return self._add(
            Breakpoint(
                0, at, code.co_qualname, code.co_filename, code.co_firstlineno, condition, _function=where
            )
        )

    def add_point(self, name: str) -> Breakpoint:
        """Pause at each point of this name that the debugged code announces, such as "get" and "put"."""
        return self._add(Breakpoint(0, "point", name, "", 0))

    def remove(self, breakpoint_: Breakpoint | int) -> None:
        """Remove one, given itself or its number."""
        found = [b for b in self._all if b is breakpoint_ or b.number == breakpoint_]
        if not found:
            raise BreakpointError(f"There is no breakpoint {breakpoint_}.")
        self._set(tuple(b for b in self._all if b not in found))

    def set_condition(self, breakpoint_: Breakpoint, condition: str) -> None:
        """Give one another condition; an empty one takes it away.

        Raises
        ------
        BreakpointError
            If it is no expression, or this is a point, where there is no frame to evaluate it in.
        """
        if breakpoint_.at == "point" and condition:
            raise BreakpointError(
                f"At {breakpoint_.where!r} there are no variables that a condition could be about.",
                hint="Add a breakpoint at a line or a function.",
            )
        breakpoint_._condition = _compiled(condition)
        breakpoint_.condition, breakpoint_.note = condition, ""
        self._update()

    def clear(self) -> None:
        """Remove all."""
        self._set(())

    def __iter__(self) -> Iterator[Breakpoint]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __repr__(self) -> str:
        lines = [repr(one) for one in self._all]
        return "\n".join([*lines, f"<exceptions: {self._exceptions}>"])

    def at_line(self, code: CodeType, line: int) -> list[Breakpoint]:
        """Get those at a line."""
        if not self._line_files or (code.co_name in _COMPREHENSIONS and line == code.co_firstlineno):
            return []
        return self._lines.get((absolute(code.co_filename), line), [])

    def at_function(self, code: CodeType, at: At) -> list[Breakpoint]:
        """Get those at the entry or exit of a function."""
        return self._marks.get((id(code), at), [])

    def at_point(self, name: str) -> list[Breakpoint]:
        """Get those at a point with a name."""
        return [b for b in self._all if b.at == "point" and b.name == name and b.enabled]

    def has_lines_in(self, file: str) -> bool:
        """Tell whether there is one at any line of a file."""
        return absolute(file) in self._line_files

    def has_lines(self, code: CodeType) -> bool:
        """Tell whether there is one at any line of a function."""
        file = absolute(code.co_filename)
        if file not in self._line_files:
            return False
        return any((file, line) in self._lines for _, _, line in code.co_lines() if line)

    @property
    def marked(self) -> frozenset[int]:
        """Identities of the code that has one at its entry or exit."""
        return frozenset(code for code, _ in self._marks)

    @property
    def any_exit(self) -> bool:
        """Whether there is one at the exit of any function."""
        return any(at == "exit" for _, at in self._marks)

    @property
    def any_code(self) -> bool:
        """Whether there is one at any line or function."""
        return bool(self._lines or self._marks)

    @property
    def notes(self) -> tuple[str, ...]:
        """What there is to say of some: that one is not at the line that was asked for, or its condition fails."""
        return tuple(
            f"Breakpoint {one.number} is at {one.where}: {one.note}." for one in self._all if one.note
        )

    def find_functions(self) -> None:
        """Look up the functions anew: they may have been redefined."""
        for one in self._all:
            if one._function is not None and one.at in ("entry", "exit"):
                function = plain_function(one._function)
                one._codes = tuple(version.__code__ for version in self._versions.of(function))
            elif one.at == "line" and not self._versions.has_line(one.file, one.line):
                one.note = _REPLACED
            elif one.note == _REPLACED:
                one.note = ""
        self._tabulate()

    def look_up(self, versions: Versions) -> None:
        """Find the functions in the versions that the call uses from now on."""
        self._versions = versions
        self._update()

    def _add_line(self, place: Place, function: object, condition: str) -> Breakpoint:
        return self._add(
            Breakpoint(
                0,
                "line",
                place.function,
                place.file,
                place.line,
                condition,
                note=place.note,
                _function=function,
            )
        )

    def _add(self, one: Breakpoint) -> Breakpoint:
        one._condition = _compiled(one.condition)
        one._changed = self._update
        with self._lock:
            self._number += 1
            one.number = self._number
            self._all = (*self._all, one)
        self._update()
        return one

    def _set(self, all_: tuple[Breakpoint, ...]) -> None:
        with self._lock:
            self._all = all_
        self._update()

    def _update(self) -> None:
        self.find_functions()
        self._changed()

    def _tabulate(self) -> None:
        lines: dict[tuple[str, int], list[Breakpoint]] = {}
        marks: dict[tuple[int, At], list[Breakpoint]] = {}
        for one in self._all:
            if not one.enabled:
                continue
            if one.at == "line":
                lines.setdefault((one.file, one.line), []).append(one)
            for code in one._codes:
                marks.setdefault((id(code), one.at), []).append(one)
        # Each is replaced as a whole: the debugged thread reads them without a lock.
        self._lines, self._marks = lines, marks
        self._line_files = frozenset(file for file, _ in lines)


def _compiled(condition: str) -> Condition | None:
    if not condition:
        return None
    try:
        return Condition(condition)
    except SyntaxError as error:
        raise BreakpointError(
            f"The condition {condition!r} is no expression: {error.msg}.",
            hint="Write what could stand after `if`, such as `visit == 42`.",
        ) from None

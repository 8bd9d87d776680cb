"""Frames as plain records: small, safe to keep and to read anywhere, long after the frames are gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import FrameType, ModuleType, TracebackType
from typing import Any

from .source import excerpt
from .value_text import describe, type_name

__all__ = ["FrameSummary", "Variable", "summarize_frame", "summarize_traceback", "summarize_variables"]


@dataclass(frozen=True)
class Variable:
    """A variable, in words.

    Parameters
    ----------
    name
        Its name.
    type_name
        Type of its value.
    text
        The value as a short text.
    detail
        Shape and type of an array, number of items; may be empty.
    """

    name: str
    type_name: str
    text: str
    detail: str = ""

    @classmethod
    def of(cls, name: str, value: object, *, length: int = 160) -> Variable:
        """Describe a value; whatever it is, this does not fail.

        Parameters
        ----------
        name
            Name of the variable.
        value
            Its value.
        length
            Number of characters of the text, at most.
        """
        try:
            text = describe(value, length=length)
            return cls(name, type_name(value), text.text, text.detail)
        except Exception as error:
            return cls(name, type(value).__name__, f"<cannot be shown: {type(error).__name__}>")


@dataclass(frozen=True)
class FrameSummary:
    """A frame, in words.

    Parameters
    ----------
    file
        Source file or notebook cell.
    line
        Number of the current line.
    function
        Qualified name of the function.
    first_line
        Number of the first line of `source`.
    source
        The function's lines around the current one; empty if there is no source.
    variables
        Its variables, without modules and names with double underscores.
    left_out
        Number of variables that there was no room for.
    """

    file: str
    line: int
    function: str
    first_line: int
    source: tuple[str, ...]
    variables: tuple[Variable, ...]
    left_out: int = 0

    def to_json(self) -> dict[str, Any]:
        """Make plain dictionaries, lists, texts and numbers."""
        record = asdict(self)
        record["source"] = list(self.source)
        record["variables"] = [asdict(variable) for variable in self.variables]
        return record

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> FrameSummary:
        """Take what `to_json` made; anything else that is in there is ignored."""
        return cls(
            file=str(record["file"]),
            line=int(record["line"]),
            function=str(record["function"]),
            first_line=int(record["first_line"]),
            source=tuple(map(str, record["source"])),
            variables=tuple(
                Variable(str(v["name"]), str(v["type_name"]), str(v["text"]), str(v.get("detail", "")))
                for v in record["variables"]
            ),
            left_out=int(record.get("left_out", 0)),
        )


def summarize_variables(
    values: Mapping[str, object], *, limit: int = 60, length: int = 160
) -> tuple[tuple[Variable, ...], int]:
    """Describe variables, in the order they have.

    Parameters
    ----------
    values
        Values by name.
    limit
        Number of variables, at most.
    length
        Number of characters of each text, at most.

    Returns
    -------
    variables
        Those that tell something: no modules, no names with double underscores.
    left_out
        Number of those that there was no room for.
    """
    wanted = [
        (name, value)
        for name, value in list(values.items())
        if not (name.startswith(("__", ".")) or issubclass(type(value), ModuleType))
    ]
    shown = tuple(Variable.of(name, value, length=length) for name, value in wanted[:limit])
    return shown, max(0, len(wanted) - limit)


def summarize_frame(
    frame: FrameType,
    *,
    line: int | None = None,
    variables: int = 60,
    length: int = 160,
    source_lines: int = 40,
) -> FrameSummary:
    """Describe a frame.

    Parameters
    ----------
    frame
        A frame that does not run at the moment.
    line
        Number of the line to show as the current one; the frame's own by default.
    variables
        Number of variables, at most.
    length
        Number of characters of each value, at most.
    source_lines
        Number of lines of source, at most.
    """
    code = frame.f_code
    current = line or frame.f_lineno or code.co_firstlineno
    first_line, source = excerpt(code, current, limit=source_lines, module_globals=frame.f_globals)
    shown, left_out = summarize_variables(frame.f_locals, limit=variables, length=length)
    return FrameSummary(code.co_filename, current, code.co_qualname, first_line, source, shown, left_out)


def summarize_traceback(traceback: TracebackType | None, *, frames: int = 30) -> tuple[FrameSummary, ...]:
    """Describe the frames of a traceback, the outermost first.

    Parameters
    ----------
    traceback
        ``error.__traceback__``; the frames are still there, as they were when the exception left them.
    frames
        Number of frames, at most: the innermost ones are kept.
    """
    found: list[tuple[FrameType, int]] = []
    while traceback is not None:
        found.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    return tuple(summarize_frame(frame, line=line) for frame, line in found[-frames:])

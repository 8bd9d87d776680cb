"""The source of code that runs: of files, of archives, and of notebook cells."""

from __future__ import annotations

import linecache
from types import CodeType
from typing import Any

__all__ = ["code_lines", "excerpt", "source_lines"]


def source_lines(file: str, module_globals: dict[str, Any] | None = None) -> list[str]:
    """Read all lines of a file or notebook cell, without their ends; an empty list if there is no source.

    Parameters
    ----------
    file
        Name as in ``co_filename``.
    module_globals
        Globals of the code: they know how to read source that is inside an archive.
    """
    # IPython keeps the source of its cells in this cache, and keeps `checkcache` from dropping it.
    linecache.checkcache(file)
    return [line.rstrip("\r\n") for line in linecache.getlines(file, module_globals)]


def code_lines(code: CodeType) -> tuple[int, int]:
    """Get the first and the last line of a function, that of its ``def`` or decorator included."""
    last = max((line for _, _, line in code.co_lines() if line), default=code.co_firstlineno)
    last = max([last, *(code_lines(c)[1] for c in code.co_consts if isinstance(c, CodeType))])
    return max(1, code.co_firstlineno), last


def excerpt(
    code: CodeType, line: int, *, limit: int = 40, module_globals: dict[str, Any] | None = None
) -> tuple[int, tuple[str, ...]]:
    """Cut out the source of a function around a line.

    Parameters
    ----------
    code
        Code of the function.
    line
        Number of the line that is to be seen.
    limit
        Number of lines, at most.
    module_globals
        See `source_lines`.

    Returns
    -------
    first_line
        Number of the first line; that of the function if there is no source.
    lines
        The lines; none if there is no source.
    """
    lines = source_lines(code.co_filename, module_globals)
    first, last = code_lines(code)
    last = min(max(last, line), len(lines))
    if not lines or last < first:
        return first, ()
    if last - first + 1 > limit:
        # A little more of what comes before: that is what has happened.
        first = max(first, min(line - 2 * limit // 3, last - limit + 1))
        last = min(last, first + limit - 1)
    return first, tuple(lines[first - 1 : last])

"""Whether an exception will be caught, told from the source before it goes anywhere."""

from __future__ import annotations

import ast
import builtins
import linecache
from collections.abc import Iterable, Iterator
from itertools import islice
from types import CodeType, FrameType
from typing import NamedTuple

from .source import source_lines

__all__ = ["is_caught"]

Position = tuple[int, int]

# Context managers that swallow what they name, as it is usual to write them.
_SWALLOWERS = frozenset({"suppress", "raises", "assertRaises"})

# What C code asks of objects, where an exception may mean just "no": `hasattr`, `in`, `next` with a default…
_ASKED_BY_C = frozenset(
    {
        "__getattr__",
        "__getattribute__",
        "__get__",
        "__getitem__",
        "__missing__",
        "__contains__",
        "__len__",
        "__hash__",
    }
)
_MEANS_NO = (AttributeError, LookupError, TypeError)


class _Guard(NamedTuple):
    """Statements that exceptions do not leave if they are of certain types."""

    start: Position
    stop: Position
    types: tuple[ast.expr | None, ...]


_guards_by_file: dict[str, tuple[object, dict[tuple[int, str], list[_Guard]]]] = {}


def is_caught(frames: Iterable[FrameType], error: BaseException) -> bool:
    """Tell whether one of some frames will catch an exception that is on its way through them.

    Handlers that end with `raise` do not count: the exception, or what it has become, goes on. Where the source does
    not tell, the answer is yes; the frame that called is then asked as soon as the exception gets there.

    Parameters
    ----------
    frames
        Where it is now, and the callers in order.
    error
        The exception.
    """
    for frame in frames:
        if frame.f_code.co_name in _ASKED_BY_C and isinstance(error, _MEANS_NO):
            return True
        position = _position(frame)
        for guard in _guards(frame.f_code):
            if guard.start <= position < guard.stop and any(_matches(t, frame, error) for t in guard.types):
                return True
    return False


def _position(frame: FrameType) -> Position:
    where = next(islice(frame.f_code.co_positions(), max(0, frame.f_lasti // 2), None), None)
    line = (where and where[0]) or frame.f_lineno or 0
    return line, (where and where[2]) or 0


def _matches(kind: ast.expr | None, frame: FrameType, error: BaseException) -> bool:
    if kind is None:
        return True
    if isinstance(kind, ast.Tuple):
        return any(_matches(item, frame, error) for item in kind.elts)
    try:
        found = _look_up(kind, frame)
        return isinstance(error, found)  # type: ignore[arg-type]  # a TypeError if it is no class
    except (LookupError, AttributeError, TypeError):
        return True


def _look_up(node: ast.expr, frame: FrameType) -> object:
    """Get the value of a name with dots; nothing else is evaluated, for it might do something."""
    if isinstance(node, ast.Attribute):
        return getattr(_look_up(node.value, frame), node.attr)
    if not isinstance(node, ast.Name):
        raise LookupError
    for names in (frame.f_locals, frame.f_globals, vars(builtins)):
        if node.id in names:
            return names[node.id]
    raise LookupError(node.id)


def _guards(code: CodeType) -> list[_Guard]:
    file = code.co_filename
    lines = source_lines(file)
    # What the cache keeps for a file is another object once the file has changed.
    version = linecache.cache.get(file)
    known = _guards_by_file.get(file)
    if known is None or known[0] is not version:
        try:
            tree = ast.parse("\n".join(lines))
        except (SyntaxError, ValueError):
            tree = ast.Module([], [])
        known = _guards_by_file[file] = version, {key: list(found) for key, found in _functions(tree)}
    return known[1].get((code.co_firstlineno, code.co_name), [])


def _functions(tree: ast.Module) -> Iterator[tuple[tuple[int, str], Iterator[_Guard]]]:
    yield (1, "<module>"), _guards_in(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield (first, node.name), _guards_in(node)


def _guards_in(function: ast.AST) -> Iterator[_Guard]:
    for node in ast.iter_child_nodes(function):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Try | ast.TryStar):
            yield _guard(node.body, (h.type for h in node.handlers if not isinstance(h.body[-1], ast.Raise)))
        elif isinstance(node, ast.With | ast.AsyncWith):
            yield _guard(node.body, (kind for item in node.items for kind in _swallowed(item.context_expr)))
        yield from _guards_in(node)


def _swallowed(manager: ast.expr) -> list[ast.expr]:
    if not isinstance(manager, ast.Call):
        return []
    called = manager.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return manager.args if name in _SWALLOWERS else []


def _guard(body: list[ast.stmt], types: Iterable[ast.expr | None]) -> _Guard:
    last = body[-1]
    stop = (last.end_lineno or last.lineno, last.end_col_offset or 0)
    return _Guard((body[0].lineno, body[0].col_offset), stop, tuple(types))

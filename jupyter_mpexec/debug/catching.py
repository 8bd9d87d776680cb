"""Whether an exception will be caught, told from the source before it goes anywhere."""

from __future__ import annotations

import ast
import builtins
import enum
import linecache
from collections.abc import Iterable, Iterator
from itertools import islice
from types import CodeType, FrameType
from typing import NamedTuple

from .source import source_lines

__all__ = ["Fate", "fate_of"]

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


class Fate(enum.Enum):
    """What becomes of an exception, as far as the source tells."""

    CAUGHT = enum.auto()
    DOUBTFUL = enum.auto()
    UNCAUGHT = enum.auto()


class _Handler(NamedTuple):
    """What becomes of exceptions of a type; None stands for any."""

    type: ast.expr | None
    fate: Fate


class _Guard(NamedTuple):
    """Statements whose exceptions are handled; the first handler that fits is the one."""

    start: Position
    stop: Position
    handlers: tuple[_Handler, ...]


_guards_by_file: dict[str, tuple[object, dict[tuple[int, str], list[_Guard]]]] = {}


def fate_of(frames: Iterable[FrameType], error: BaseException) -> Fate:
    """Tell whether one of some frames will catch an exception that is on its way through them.

    Handlers that end with `raise` do not count: the exception, or what it has become, goes on. Those that have a
    `raise` elsewhere may or may not let it go on, and not all types are known before they are asked for. Where it is
    doubtful, the frame that called is to be asked as soon as the exception gets there.

    Parameters
    ----------
    frames
        Where it is now, and the callers in order.
    error
        The exception.
    """
    fate = Fate.UNCAUGHT
    for frame in frames:
        if frame.f_code.co_name in _ASKED_BY_C and isinstance(error, _MEANS_NO):
            return Fate.CAUGHT
        position = _position(frame)
        for guard in _guards(frame.f_code):
            if guard.start <= position < guard.stop:
                match _fate_there(guard, frame, error):
                    case Fate.CAUGHT:
                        return Fate.CAUGHT
                    case Fate.DOUBTFUL:
                        fate = Fate.DOUBTFUL
    return fate


def _fate_there(guard: _Guard, frame: FrameType, error: BaseException) -> Fate:
    for handler in guard.handlers:
        fits = _fits(handler.type, frame, error)
        if fits is None:
            return Fate.DOUBTFUL
        if fits:
            return handler.fate
    return Fate.UNCAUGHT


def _position(frame: FrameType) -> Position:
    where = next(islice(frame.f_code.co_positions(), max(0, frame.f_lasti // 2), None), None)
    line = (where and where[0]) or frame.f_lineno or 0
    return line, (where and where[2]) or 0


def _fits(kind: ast.expr | None, frame: FrameType, error: BaseException) -> bool | None:
    """Tell whether an exception is of a type; None if the source does not tell."""
    if kind is None:
        return True
    if isinstance(kind, ast.Tuple):
        found = [_fits(item, frame, error) for item in kind.elts]
        return True if True in found else None if None in found else False
    try:
        return isinstance(error, _look_up(kind, frame))  # type: ignore[arg-type]  # a TypeError if it is no class
    except (LookupError, AttributeError, TypeError):
        return None


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
            yield _guard(node.body, (_Handler(h.type, _fate_in(h.body)) for h in node.handlers))
        elif isinstance(node, ast.With | ast.AsyncWith):
            kinds = (kind for item in node.items for kind in _swallowed(item.context_expr))
            yield _guard(node.body, (_Handler(kind, Fate.CAUGHT) for kind in kinds))
        yield from _guards_in(node)


def _fate_in(handler: list[ast.stmt]) -> Fate:
    if isinstance(handler[-1], ast.Raise):
        return Fate.UNCAUGHT
    again = any(isinstance(n, ast.Raise) and n.exc is None for each in handler for n in ast.walk(each))
    return Fate.DOUBTFUL if again else Fate.CAUGHT


def _swallowed(manager: ast.expr) -> list[ast.expr]:
    if not isinstance(manager, ast.Call):
        return []
    called = manager.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return manager.args if name in _SWALLOWERS else []


def _guard(body: list[ast.stmt], handlers: Iterable[_Handler]) -> _Guard:
    last = body[-1]
    stop = (last.end_lineno or last.lineno, last.end_col_offset or 0)
    return _Guard((body[0].lineno, body[0].col_offset), stop, tuple(handlers))

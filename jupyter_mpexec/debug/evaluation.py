"""Source that is evaluated in a frame: it sees the frame's variables, and may change them."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import CodeType, FrameType
from typing import Any

from jupyter_mpexec.errors import DebugError

from .frames import read_locals, write_locals

__all__ = ["EVALUATED", "Condition", "evaluate"]

EVALUATED = "<frame>"
"""What tracebacks call the source that is evaluated."""

_ABSENT: Any = object()
_BUILTINS = "__builtins__"


def evaluate(
    source: str,
    frame: FrameType,
    scratch: dict[str, Any],
    *,
    handling: Callable[[], AbstractContextManager[None]],
) -> object:
    """Run source as if it stood at the current line of a frame.

    Parameters
    ----------
    source
        Statements; if the last one is an expression, it gives the value.
    frame
        A frame that stands still.
    scratch
        Names that were defined here before and that the frame has no place for; new ones are added.
    handling
        Held while variables are read or changed; fails if the frame does not stand still any more.

    Returns
    -------
    value
        Value of the last expression; None if the last statement is none.
    """
    # So that a traceback shows the lines; also that of a syntax error.
    linecache.cache[EVALUATED] = (len(source), None, source.splitlines(keepends=True), EVALUATED)
    tree = ast.parse(source, EVALUATED, "exec")
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        tree.body.pop()
    with handling():
        names = _Names(frame, scratch)
    try:
        exec(compile(tree, EVALUATED, "exec", dont_inherit=True), names.all)
        if not isinstance(last, ast.Expr):
            return None
        with handling():
            names.look_again()
        return eval(compile(ast.Expression(last.value), EVALUATED, "eval", dont_inherit=True), names.all)
    finally:
        # Also after an error: what was assigned before it stays assigned, as in any cell.
        with handling():
            names.take_back(_global_names(tree))


class _Names:
    """The names that source sees: copies, for functions and comprehensions in it would not see separate locals.

    Parameters
    ----------
    frame
        A frame that stands still.
    scratch
        Names that were defined here before and that the frame has no place for.
    """

    def __init__(self, frame: FrameType, scratch: dict[str, Any]) -> None:
        self._frame = frame
        self._scratch = scratch
        self._local = {**scratch, **read_locals(frame)}
        # Python puts it into any globals that it runs source with.
        self._local.pop(_BUILTINS, None)
        self._before = {**frame.f_globals, **self._local}
        self.all = dict(self._before)

    def look_again(self) -> None:
        """Take in what functions that were called have changed."""
        for name, value in {**self._frame.f_globals, **self._scratch, **read_locals(self._frame)}.items():
            if self.all.get(name, _ABSENT) is self._before.get(name, _ABSENT):
                self.all[name] = self._before[name] = value

    def take_back(self, global_names: frozenset[str]) -> None:
        """Change the variables that were assigned; what there is no place for is kept with the frame."""
        names, frame = self.all, self._frame
        names.pop(_BUILTINS, None)
        for name in global_names & names.keys():
            frame.f_globals[name] = names.pop(name)
        changed = {
            name: value for name, value in names.items() if value is not self._before.get(name, _ABSENT)
        }
        self._scratch.update(write_locals(frame, changed))
        gone = self._local.keys() - names.keys() - global_names
        for name in gone & self._scratch.keys():
            del self._scratch[name]
        if kept := sorted(gone & set(frame.f_locals)):
            raise DebugError(
                f"Variables of a paused function cannot be deleted: {', '.join(kept)}.",
                hint="Set them to None instead.",
            )


def _global_names(tree: ast.Module) -> frozenset[str]:
    return frozenset(name for node in tree.body if isinstance(node, ast.Global) for name in node.names)


class Condition:
    """An expression that is asked whenever a line is reached, and so has to be quick.

    Parameters
    ----------
    source
        The expression.
    """

    def __init__(self, source: str) -> None:
        self._code = compile(source.strip(), "<condition>", "eval", dont_inherit=True)
        self._nested = any(isinstance(constant, CodeType) for constant in self._code.co_consts)

    def __call__(self, frame: FrameType) -> bool:
        """Evaluate it in a frame."""
        values = frame.f_locals
        if self._nested:  # a comprehension would not see separate locals
            return bool(eval(self._code, {**frame.f_globals, **values}))
        return bool(eval(self._code, frame.f_globals, values))

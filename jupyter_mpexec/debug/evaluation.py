"""Source that is evaluated in a frame: it sees the frame's variables, and may change them."""

from __future__ import annotations

import ast
import linecache
from types import CodeType, FrameType
from typing import Any

from jupyter_mpexec.errors import DebugError

from .frames import read_locals, write_locals

__all__ = ["EVALUATED", "Condition", "evaluate"]

EVALUATED = "<frame>"
"""What tracebacks call the source that is evaluated."""


def evaluate(source: str, frame: FrameType, scratch: dict[str, Any]) -> object:
    """Run source as if it stood at the current line of a frame.

    Parameters
    ----------
    source
        Statements; if the last one is an expression, it gives the value.
    frame
        A frame that stands still.
    scratch
        Names that were defined here before and that the frame has no place for; new ones are added.

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
    before = {**scratch, **read_locals(frame)}
    # One dictionary for all names: functions and comprehensions in the source would not see separate locals.
    names = {**frame.f_globals, **before}
    try:
        exec(compile(tree, EVALUATED, "exec", dont_inherit=True), names)
        if not isinstance(last, ast.Expr):
            return None
        return eval(compile(ast.Expression(last.value), EVALUATED, "eval", dont_inherit=True), names)
    finally:
        # Also after an error: what was assigned before it stays assigned, as in any cell.
        _take_back(names, before, frame, scratch, _global_names(tree))


def _take_back(
    names: dict[str, Any],
    before: dict[str, Any],
    frame: FrameType,
    scratch: dict[str, Any],
    global_names: frozenset[str],
) -> None:
    names.pop("__builtins__", None)
    absent = object()
    for name in global_names & names.keys():
        frame.f_globals[name] = names.pop(name)
    old = {**frame.f_globals, **before}
    changed = {name: value for name, value in names.items() if value is not old.get(name, absent)}
    rest = write_locals(frame, changed)
    scratch.update(rest)
    gone = before.keys() - names.keys() - global_names
    for name in gone & scratch.keys():
        del scratch[name]
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

"""Other debuggers in this process: those that cannot be beside this one, and those that the user ought to know of."""

from __future__ import annotations

import sys
import threading
from typing import Any

from jupyter_mpexec.errors import DebuggerCollisionError

__all__ = ["check_collisions"]

_HINT = (
    "Turn JupyterLab's debugger off (the bug at the top right of the notebook) or end the other tracer, "
    "then restart the kernel."
)


def check_collisions() -> tuple[str, ...]:
    """Look for other debuggers.

    Returns
    -------
    notices
        Of those that can be active at the same time: what the user ought to know.

    Raises
    ------
    DebuggerCollisionError
        Until Python 3.11, if new threads are traced by somebody: there can be one trace function only.
    """
    if sys.version_info >= (3, 12):
        name = sys.monitoring.get_tool(sys.monitoring.DEBUGGER_ID)
        return (_both_notice(name),) if name is not None else ()
    if (tracer := threading.gettrace()) is not None:
        function: Any = getattr(tracer, "func", tracer)  # debugpy's is wrapped by `functools.partial`
        owner = getattr(function, "__module__", None) or type(function).__module__
        raise DebuggerCollisionError(
            f"Another debugger or tracer is active in this kernel ({owner}); before Python 3.12 there can be only one.",
            hint=_HINT,
        )
    return ()


def _both_notice(name: str) -> str:
    return (
        f"Another debugger ({name}) is active in this kernel, too. Both work; but where its breakpoints stop the "
        "debugged code, this session shows it as running, and goes on when that debugger does."
    )

"""Errors in a notebook: a cell that fails, with one clear message instead of a traceback."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from jupyter_mpexec.errors import JupyterMpexecError

__all__ = ["PROGRAM", "brief", "in_shell", "register", "unregister", "without_traceback"]

PROGRAM = "jupyter mpexec"
"""What the magic is called in a shell."""

_RED, _PLAIN = "\x1b[31m", "\x1b[0m"


def brief(error: JupyterMpexecError) -> str:
    """Write an error in one or a few lines: what is wrong, and what to do about it."""
    return f"{error.message}\n{error.hint}" if error.hint else error.message


def in_shell(text: str) -> str:
    """Name the command where a text, such as a hint, names the magic."""
    return text.replace("%pipetask", PROGRAM)


def register() -> None:
    """Make IPython show errors of this package as their message alone, from magics and from Python alike.

    The cell still fails, so that Run All stops, and nbconvert and tests see it. Other errors keep their
    traceback: they are bugs, or come from the middleware or a task.
    """
    # IPython asks an exception for this before it formats a traceback. `set_custom_exc` has one place for all
    # extensions.
    JupyterMpexecError._render_traceback_ = _lines  # type: ignore[attr-defined]  # what IPython looks for


def unregister() -> None:
    """Undo `register`."""
    del JupyterMpexecError._render_traceback_  # type: ignore[attr-defined]  # the same


def _lines(error: JupyterMpexecError) -> list[str]:
    return f"{_RED}{type(error).__name__}{_PLAIN}: {brief(error)}".splitlines()


@contextlib.contextmanager
def without_traceback() -> Iterator[None]:
    """Make IPython show an interrupt as one word."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        interrupt._render_traceback_ = lambda: [f"{_RED}Interrupted.{_PLAIN}"]  # type: ignore[attr-defined]  # the same
        raise

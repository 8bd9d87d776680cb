"""``%frame``, ``%%frame`` and ``%debug_quantum``: looking into paused code, and steering it without the panel."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from IPython.core.magic import (
    Magics,
    line_cell_magic,
    line_magic,
    magics_class,
    no_var_expand,
    output_can_be_silenced,
)

from jupyter_mpexec.display.frame_page import short_file

from .debug_options import VERBS, WORDS, read_options
from .failures import without_traceback

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_mpexec.debug import DebugSession

__all__ = ["DebugMagics", "register", "unregister"]

_NAMES = {"line": ("frame", "debug_quantum"), "cell": ("frame",)}


@magics_class
class DebugMagics(Magics):
    """The magics for code that is paused in a debug session."""

    @no_var_expand
    @output_can_be_silenced
    @line_cell_magic
    def frame(self, line: str, cell: str | None = None) -> object:
        """Evaluate in the paused frame, as if the code stood at its current line.

        `%frame EXPRESSION` or a cell `%%frame`: variables of the paused function can be read and assigned, and the last
        expression is the cell's result.

        -f N  in frame N of the stack: 0 is the innermost, 1 its caller
        -s N  in the session of that number or name; else in the one that paused last
        """
        options, rest = read_options(line)
        assert self.shell is not None, "Registered by a shell."
        source = self.shell.transform_cell("\n".join([rest, cell]) if cell is not None else rest)
        with without_traceback():
            session = _session(options.get("session", ""))
            frame = int(options.get("frame", 0))
            if not source.strip():
                pause = session.pause
                return pause.frame_locals(frame) if pause is not None else session.evaluate("")
            with self._own_traceback():
                return session.evaluate(source, frame)

    @no_var_expand
    @line_magic
    def debug_quantum(self, line: str) -> object:
        """Steer paused code: `%debug_quantum step|into|out|continue|abandon|restart|where|stack`.

        All but the last two wait for the next pause or the end, and show it; the kernel's interrupt ends the wait only.

        -s N  the session of that number or name; else the one that paused last
        """
        from jupyter_mpexec.errors import UsageError, did_you_mean

        options, rest = read_options(line)
        word = rest.strip() or "where"
        if word not in WORDS:
            hint = did_you_mean(word, WORDS) or f"Write one of {', '.join(WORDS)}."
            raise UsageError(f"%debug_quantum knows no {word!r}.", hint=hint)
        with without_traceback():
            session = _session(options.get("session", ""))
            if word == "stack":
                _say_stack(session)
                return None
            if word != "where":
                getattr(session, VERBS[word])()
                session.wait()
            return session

    @contextlib.contextmanager
    def _own_traceback(self) -> Iterator[None]:
        """Show of an error what the user has written, and what that has called: not the way there."""
        from jupyter_mpexec.debug.evaluation import EVALUATED
        from jupyter_mpexec.errors import JupyterMpexecError, UsageError

        try:
            yield
        except JupyterMpexecError:
            raise
        except Exception as error:
            traceback = error.__traceback__
            while traceback is not None and traceback.tb_frame.f_code.co_filename != EVALUATED:
                traceback = traceback.tb_next
            if traceback is None and isinstance(error, SyntaxError):
                where = f" (line {error.lineno})" if (error.lineno or 1) > 1 else ""
                raise UsageError(
                    f"This is no Python: {error.msg}{where}.", hint=(error.text or "").strip()
                ) from None
            assert self.shell is not None, "Registered by a shell."
            lines = self.shell.InteractiveTB.structured_traceback(type(error), error, traceback)
            error._render_traceback_ = lambda: lines  # type: ignore[attr-defined]  # what IPython looks for
            raise


def _say_stack(session: DebugSession) -> None:
    frames = session.pause.stack if session.pause is not None else ()
    for number, frame in enumerate(frames):
        sys.stdout.write(f"{number}  {frame.function}, {short_file(frame.file)}:{frame.line}\n")
    if not frames:
        sys.stdout.write(f"{session.name} is {session.state}, not paused.\n")


def _session(name: str) -> DebugSession:
    from jupyter_mpexec.debug import current_session

    return current_session(name)


def register(shell: InteractiveShell) -> None:
    """Add the magics to a shell."""
    shell.register_magics(DebugMagics)


def unregister(shell: InteractiveShell) -> None:
    """Take the magics away again."""
    manager = shell.magics_manager
    for kind, names in _NAMES.items():
        for name in names:
            manager.magics[kind].pop(name, None)
    manager.registry.pop(DebugMagics.__name__, None)

"""Starting the process that a run with worker processes belongs to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .run_folder import RunFolder

__all__ = ["RunnerProcess"]

_GO = b"go\n"
_SECONDS_TO_LEAVE = 10.0


class RunnerProcess:
    """A runner: ``python -m jupyter_mpexec.runner FOLDER``, in a session of its own, so that nothing ends it with us.

    It starts at once, imports for seconds, and waits for `go`. If this process ends before, it ends too.

    Parameters
    ----------
    folder
        Folder of the run.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        environment = dict(os.environ)
        # What makes imports twice as slow was meant for other things.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        _make_importable(environment)
        descriptor = os.open(folder.output_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyter_mpexec.runner", "--wait", str(folder.path)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=environment,
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How it ended; None if it has not."""
        return self._process.poll()

    def go(self) -> None:
        """Have it begin: everything is ready."""
        assert self._process.stdin is not None, "It is a pipe."
        try:
            self._process.stdin.write(_GO)
            self._process.stdin.close()
        except BrokenPipeError:
            # Why it has ended is told by whoever waits for it.
            pass

    def dismiss(self) -> None:
        """End it: it is not needed."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.kill()
        self._process.wait(_SECONDS_TO_LEAVE)


def _make_importable(environment: dict[str, str]) -> None:
    """See to it that the runner finds this package, also where only this process knows the way to it."""
    place = str(Path(__file__).parents[2])
    path = environment.get("PYTHONPATH", "")
    if Path(place).name != "site-packages" and place not in path.split(os.pathsep):
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [path, place]))

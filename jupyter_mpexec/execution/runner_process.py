"""Starting the process that a run with worker processes belongs to."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from .run_folder import RunFolder

__all__ = ["RunnerProcess"]


_PAUSE = 0.02


class RunnerProcess:
    """Starts a runner, in a session of its own, so that nothing ends it with us.

    It imports for seconds, and waits for `go`. If this process ends before, it ends too.

    Parameters
    ----------
    folder
        Folder of the run, with a request.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._lock = folder.asker_lock
        self._lock.acquire()
        folder.go_file.unlink(missing_ok=True)
        environment = dict(os.environ)
        # What makes imports twice as slow was meant for other things.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        _make_importable(environment)
        descriptor = os.open(folder.output_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as output:
            self._launcher = subprocess.Popen(
                [sys.executable, "-m", "jupyter_mpexec.runner", str(folder.path)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        """Whether there is a runner, or will be in a moment."""
        # In this order: the launcher ends when the runner has got the lock.
        return self._launcher.poll() is None or self._folder.is_alive

    def go(self) -> None:
        """Have it begin: everything is ready."""
        self._folder.go_file.touch(mode=0o600)
        self._lock.release()

    def dismiss(self) -> None:
        """Have it end: it is not needed."""
        self._launcher.kill()
        self._launcher.wait()
        self._lock.release()
        while self._folder.is_alive:
            time.sleep(_PAUSE)


def _make_importable(environment: dict[str, str]) -> None:
    """See to it that the runner finds this package, also where only this process knows the way to it."""
    place = str(Path(__file__).parents[2])
    path = environment.get("PYTHONPATH", "")
    if Path(place).name != "site-packages" and place not in path.split(os.pathsep):
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [path, place]))

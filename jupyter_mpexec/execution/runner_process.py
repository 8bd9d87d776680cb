"""Starting the process that a run with worker processes belongs to."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from .output_claim import OutputClaim
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
    claim
        The claim to its output run, which is handed over when it begins.
    processes
        Number of workers; the request may name another one, which holds if the run does not begin.
    """

    def __init__(self, folder: RunFolder, claim: OutputClaim, *, processes: int) -> None:
        self._folder = folder
        self._claim = claim
        self._lock = folder.asker_lock
        self._lock.acquire()
        folder.go_file.unlink(missing_ok=True)
        environment = dict(os.environ)
        # What makes imports twice as slow was meant for other things.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        _make_importable(environment)
        descriptor = os.open(folder.output_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as output:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "jupyter_mpexec.runner",
                    folder.path,
                    claim.path,
                    str(claim.descriptor),
                    str(processes),
                ],
                pass_fds=[claim.descriptor],
                stdin=subprocess.DEVNULL,
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
        """Have it begin: everything is ready. Returns when the run belongs to it."""
        self._folder.go_file.touch(mode=0o600)
        # Whoever asks for the run in between, or steers it, would take it for one that is over.
        while self.is_running and not self._folder.is_alive:
            time.sleep(_PAUSE)
        self._claim.leave()
        self._lock.release()

    def dismiss(self) -> None:
        """Have it end: it is not needed."""
        self._process.kill()
        self._process.wait()
        self._lock.release()
        self._folder.tidy_up()


def _make_importable(environment: dict[str, str]) -> None:
    """See to it that the runner finds this package, also where only this process knows the way to it."""
    place = str(Path(__file__).parents[2])
    path = environment.get("PYTHONPATH", "")
    if Path(place).name != "site-packages" and place not in path.split(os.pathsep):
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [path, place]))

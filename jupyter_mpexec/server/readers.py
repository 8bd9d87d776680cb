"""Processes that read files for the server: one a file, with limits, and ended when nobody asks any more."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

from jupyter_mpexec.errors import JupyterMpexecError

__all__ = ["OutdatedError", "Readers", "ReadingError", "file_stamp"]

_SECONDS = 90.0
_IDLE_SECONDS = 300.0
_MOST = 4
_LONGEST_ANSWER = 32 * 2**20


class ReadingError(JupyterMpexecError):
    """A file cannot be read."""


class OutdatedError(JupyterMpexecError):
    """A file is not any more what is asked about."""


def file_stamp(path: Path) -> str:
    """Tell a file from what it was before it was written anew."""
    about = path.stat()
    return f"{about.st_mtime_ns}-{about.st_size}-{about.st_ino}"


class Readers:
    """Keeps the readers of the files that were asked for last.

    Parameters
    ----------
    seconds
        Longest time that an answer may take.
    idle_seconds
        How long a reader is kept that nobody asks.
    """

    def __init__(self, *, seconds: float = _SECONDS, idle_seconds: float = _IDLE_SECONDS) -> None:
        self._seconds = seconds
        self._idle_seconds = idle_seconds
        self._readers: OrderedDict[tuple[Any, ...], _Reader] = OrderedDict()
        self._spare: dict[str, _Reader] = {}

    async def prepare(self, kind: str) -> None:
        """Start a process for a file that is named later: importing what reads it takes most of the time.

        Parameters
        ----------
        kind
            See `ask`.
        """
        spare = self._spare.get(kind)
        if spare is None or not spare.is_running:
            spare = self._spare[kind] = _Reader(kind)
        spare.end_later(self._idle_seconds)
        await spare.start()

    async def ask(self, kind: str, path: Path, **question: Any) -> Any:
        """Ask about a file.

        Parameters
        ----------
        kind
            ``graph`` or ``pipeline``.
        path
            The file.
        question
            What to do, and with what; see `execution.reading`.

        Raises
        ------
        ReadingError
            Raised if the file cannot be read.
        """
        # A graph that was written anew is another file; the text of a pipeline comes with each question.
        key = (kind, path, file_stamp(path) if kind == "graph" else "")
        reader = self._readers.pop(key, None)
        if reader is None or not reader.is_running:
            reader = self._spare.pop(kind, None)
            if reader is None or not reader.is_running:
                reader = _Reader(kind)
            reader.path = path
        self._readers[key] = reader
        idle = [known for known, other in self._readers.items() if other is not reader and not other.is_busy]
        for known in idle[: max(0, len(self._readers) - _MOST)]:
            self._readers.pop(known).end()
        try:
            answer = await reader.ask(question, self._seconds)
        except BaseException:
            if self._readers.get(key) is reader:
                del self._readers[key]
            reader.end()
            raise
        if "outdated" in answer:
            if self._readers.get(key) is reader:
                del self._readers[key]
            if not reader.is_busy:
                reader.end()
            result = await self.ask(kind, path, **question)
            # Somebody edits what the file imports: soon another one is needed, and starting takes a while.
            await self.prepare(kind)
            return result
        reader.end_later(self._idle_seconds)
        if "error" in answer:
            raise ReadingError(answer["error"], hint=answer.get("hint", ""))
        return answer["result"]

    def close(self) -> None:
        """End all readers."""
        for reader in (*self._readers.values(), *self._spare.values()):
            reader.end()
        self._readers.clear()
        self._spare.clear()


class _Reader:
    """A process that reads one file, which has to be set before the first question."""

    path: Path

    def __init__(self, kind: str) -> None:
        self._command = [sys.executable, "-P", "-m", "jupyter_mpexec.execution.reading", kind]
        self._is_named = False
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._n_asked = 0
        self._timer: asyncio.TimerHandle | None = None
        self._is_over = False

    @property
    def is_running(self) -> bool:
        return not self._is_over and (self._process is None or self._process.returncode is None)

    @property
    def is_busy(self) -> bool:
        return self._n_asked > 0

    async def ask(self, question: dict[str, Any], seconds: float) -> dict[str, Any]:
        self._n_asked += 1
        try:
            async with self._turn:
                return await self._answer(question, seconds)
        finally:
            self._n_asked -= 1

    async def _answer(self, question: dict[str, Any], seconds: float) -> dict[str, Any]:
        if self._timer is not None:
            self._timer.cancel()
        try:
            line = await asyncio.wait_for(self._exchange(question), seconds)
        except TimeoutError as error:
            raise ReadingError(f"Reading the file takes longer than {seconds:.0f} s.") from error
        except ValueError as error:
            raise ReadingError("There is more in the file than a viewer can show.") from error
        except ConnectionError:
            line = b""
        if not line.endswith(b"\n"):
            raise ReadingError(
                "The process that reads the file has ended.",
                hint="The file is damaged, or needs more memory than a viewer may take.",
            )
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def start(self) -> None:
        async with self._turn:
            await self._start()

    async def _start(self) -> None:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                # Not where a file lies: what is beside it must not be taken for a module.
                cwd="/",
                env=_environment(),
                limit=_LONGEST_ANSWER,
                start_new_session=True,
            )

    async def _exchange(self, question: dict[str, Any]) -> bytes:
        await self._start()
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        lines = [question] if self._is_named else [{"path": str(self.path)}, question]
        self._is_named = True
        self._process.stdin.write(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
        await self._process.stdin.drain()
        return await self._process.stdout.readline()

    def end_later(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self.end)

    def end(self) -> None:
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()


def _environment() -> dict[str, str]:
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    # Each thread of a numerical library reserves memory, of which there is a limit.
    environment["OPENBLAS_NUM_THREADS"] = environment["OMP_NUM_THREADS"] = "1"
    place = str(Path(__file__).parents[2])
    path = environment.get("PYTHONPATH", "")
    if Path(place).name != "site-packages" and place not in path.split(os.pathsep):
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [path, place]))
    return environment

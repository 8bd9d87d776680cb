"""What is kept of a failure: enough to understand it anywhere, and to come back to it where its run is.

A capsule is plain JSON. Reading one runs nothing of what is in it, wherever it comes from.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...debug.summaries import FrameSummary
from ...errors import JournalError, RunError
from ...events import DataId
from ...long_text import LOG, MESSAGE, TRACEBACK, trim

if TYPE_CHECKING:
    from .open_quantum import OpenQuantum

__all__ = ["FailureCapsule"]

_SCHEMA = 1
_LARGEST = 64 * 2**20


@dataclass(frozen=True, kw_only=True)
class FailureCapsule:
    """A failure of a quantum, as it was when it happened; of long texts, beginning and end.

    Parameters
    ----------
    quantum_id, task_label, data_id, task_class
        The quantum.
    exception, message, traceback
        What was raised.
    frames
        Frames of the task, the outermost first, with their variables in words.
    config
        The task's configuration, as Python text.
    inputs, outputs
        Datasets by dataset type: identifier, run, and data ID.
    versions
        Of Python and packages.
    log
        What the quantum had logged.
    attempt
        1 for the first try.
    time, host, pid
        When and where.
    run_id, run_folder, repository, output_run
        What it was a part of.
    """

    quantum_id: str
    task_label: str
    data_id: DataId
    task_class: str
    exception: str
    message: str
    traceback: str = ""
    frames: tuple[FrameSummary, ...] = field(default=(), repr=False)
    config: str = field(default="", repr=False)
    inputs: Mapping[str, Any] = field(default_factory=dict, repr=False)
    outputs: Mapping[str, Any] = field(default_factory=dict, repr=False)
    versions: Mapping[str, str] = field(default_factory=dict, repr=False)
    log: str = field(default="", repr=False)
    attempt: int = 1
    time: float = 0.0
    host: str = ""
    pid: int = 0
    run_id: str = ""
    run_folder: str = ""
    repository: str = ""
    output_run: str = ""

    def __post_init__(self) -> None:
        for name, limits in (("message", MESSAGE), ("traceback", TRACEBACK), ("log", LOG)):
            object.__setattr__(self, name, trim(getattr(self, name), limits))

    @property
    def name(self) -> str:
        """Task label and data ID in one short text."""
        return f"{self.task_label}({', '.join(f'{k}={v}' for k, v in self.data_id.items())})"

    def to_json(self) -> str:
        """Write the capsule as JSON."""
        record = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        record["frames"] = [frame.to_json() for frame in self.frames]
        return json.dumps({"capsule": _SCHEMA, **record}, default=_plain)

    @classmethod
    def from_json(cls, text: str) -> FailureCapsule:
        """Read a capsule.

        Raises
        ------
        JournalError
            Raised if the text is none that this version can read.
        """
        try:
            record = json.loads(text)
            if record.pop("capsule") > _SCHEMA:
                raise JournalError("The capsule was written by a later version of jupyter_mpexec.")
            frames = tuple(FrameSummary.from_json(frame) for frame in record.pop("frames"))
            known = {f.name: str(f.type) for f in dataclasses.fields(cls)}
            values = {
                name: _checked(name, value, known[name]) for name, value in record.items() if name in known
            }
            return cls(**values, frames=frames)
        except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            raise JournalError(f"This is no failure capsule: {error}.") from error

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the capsule to a file that only its owner can read."""
        file = Path(path)
        draft = file.with_suffix(".tmp")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(self.to_json())
        draft.replace(file)
        return file

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> FailureCapsule:
        """Read a capsule from a file; safe, wherever it comes from.

        Raises
        ------
        JournalError
            Raised if there is none, or it cannot be read.
        """
        file = Path(path)
        try:
            if file.stat().st_size > _LARGEST:
                raise JournalError(f"{file} is too large to be a failure capsule.")
            return cls.from_json(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise JournalError(f"The failure capsule {file} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise JournalError(f"{file} is no failure capsule: it is no text.") from error

    def open(self, *, trust_folder: bool = False) -> OpenQuantum:
        """Open the quantum again: its inputs and its task, in the run that it failed in.

        Parameters
        ----------
        trust_folder
            If the run is not among your own: open it from the folder that the capsule names. What is pickled there
            is loaded, which can run any code; so only for a folder whose owner you trust.

        Raises
        ------
        RunError
            Raised if that run is not here.
        """
        from ..run_folder import RunFolder
        from ..runs import attach
        from ..watched_run import WatchedRun

        try:
            run = attach(self.run_id)
        except RunError as error:
            folder = RunFolder(self.run_folder)
            if not self.run_folder or not folder.request_file.is_file():
                raise RunError(
                    f"The run {self.run_id} is not here, so {self.name} cannot be opened.",
                    hint="Frames, log and configuration are in the capsule all the same.",
                ) from error
            if not trust_folder:
                raise RunError(
                    f"The run {self.run_id} is not among yours, but in {self.run_folder}, as the capsule says.",
                    hint="Opening it can run code of whoever made that folder. If you trust it, use "
                    "open(trust_folder=True).",
                ) from error
            run = WatchedRun(folder).look()
        return run.quantum(self.quantum_id)

    def notebook(self, path: str | os.PathLike[str] = "debug.ipynb") -> Path:
        """Write a notebook that comes back to this situation in a new kernel; a copy of the capsule is put beside it.

        Returns
        -------
        path
            The notebook.

        Raises
        ------
        RunError
            Raised if it exists already, or cannot be written.
        """
        from .failure_notebook import write_notebook

        return write_notebook(self, Path(path))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from ..views.failure import capsule_bundle

        return capsule_bundle(self)


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else str(value)


def _checked(name: str, value: Any, annotation: str) -> Any:
    """Let nothing through that is not of the right kind."""
    kinds: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float)}
    if not isinstance(value, kinds.get(annotation, (dict,))):
        raise TypeError(f"{name} is of type {type(value).__name__}")
    return value

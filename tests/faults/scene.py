"""One run in a repository of its own: begun, struck, gone on with until it is done, and looked at closely."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_mpexec.events import Event, QuantumFinished, RunStarted
from jupyter_mpexec.execution import runs
from jupyter_mpexec.execution.journal import Journal
from jupyter_mpexec.execution.quanta import enumerate_quanta
from jupyter_mpexec.execution.run import Run

from .processes import MARK, MarkedProcess, kill, marked_processes, remaining_processes
from .snapshot import take_snapshot
from .survey import Reference, Survey
from .verdict import journal_faults

__all__ = ["Scene", "open_scene", "run_undisturbed"]

_LONGEST_SESSION = 240.0


@dataclasses.dataclass
class Scene:
    """A run, and all that belongs to it.

    Parameters
    ----------
    survey
        What is run.
    root
        The repository of this run.
    temporary
        Folder for temporary files of its processes.
    mark
        See `MARK`.
    reference
        What it has to come to; None if this is the run to go by.

    Attributes
    ----------
    names
        Identifiers of the run, and of earlier ones that were killed before they began.
    """

    survey: Survey
    root: Path
    temporary: Path
    mark: str
    reference: Reference | None
    names: list[str] = dataclasses.field(default_factory=list)
    _first_seen: dict[str, dict[Path, tuple[int, int, int]]] = dataclasses.field(default_factory=dict)

    @property
    def journal(self) -> Journal:
        """The journal of the run."""
        return Journal(runs.find_run(self.names[-1]).path)

    def events(self, *kinds: type[Event]) -> list[Event]:
        """Get what the journal says until now."""
        if not self.names or not self.journal.path.exists():
            return []
        return [event for event in self.journal.read() if isinstance(event, kinds or Event)]

    def begin(self) -> Run:
        """Begin the run, and return at once."""
        built = self.survey.load(self.root, extend_run=bool(self.names))
        run = built.run(processes=2, background=True, register_dataset_types=True, hooks=[self._note])
        self.names.append(run.id)
        return run

    def go_on(self) -> Run:
        """Resume it; if it was killed before it began, do what its user is told to do then."""
        if not self.events(RunStarted):
            return self.begin()
        return runs.resume(self.names[-1], hooks=[self._note], background=True)

    def wait(self, run: Run) -> None:
        """Wait for the end of a session."""
        assert run.wait(_LONGEST_SESSION), f"{run!r} does not come to an end:\n{self.describe()}"

    def process(self, role: str) -> MarkedProcess:
        """Get a process, when there is one."""
        while True:
            for process in marked_processes(self.mark):
                if process.role == role:
                    return process
            time.sleep(0.01)

    def _note(self, event: Event) -> None:
        # Past events are told again when a run is resumed: the first look counts.
        if isinstance(event, QuantumFinished) and event.quantum_id not in self._first_seen:
            self._first_seen[event.quantum_id] = {
                path: _identity(path) for path in self._outputs_of(event) if path.exists()
            }

    def _outputs_of(self, event: QuantumFinished) -> list[Path]:
        if self.reference is None:
            return []
        return [self.root / path for path in self.reference.outputs[event.quantum_id]]

    # In the end.

    def faults(self) -> Iterator[str]:
        """Tell all that is not as after a run that nobody disturbed."""
        assert self.reference is not None, "There is something to go by."
        for process in remaining_processes(self.mark):
            yield f"a process is left: {process}"
        snapshot, faults = take_snapshot(self.root)
        yield from faults
        yield from snapshot.differences(self.reference.snapshot)
        yield from journal_faults(self.journal, self.survey.load(self.root, extend_run=True))
        yield from self._changed_files()
        yield from self._left_over_files()

    def _changed_files(self) -> Iterator[str]:
        for event in self.journal.read():
            if not isinstance(event, QuantumFinished):
                continue
            for path in self._outputs_of(event):
                seen = self._first_seen.get(event.quantum_id, {}).get(path)
                now = _identity(path) if path.exists() else None
                if seen != now:
                    yield f"changed after {event.name} had finished: {path} (was {seen}, is {now})"
                if now is not None and now[0] > event.time * 1e9:
                    yield f"written after {event.name} had finished: {path}"

    def _left_over_files(self) -> Iterator[str]:
        for name in self.names:
            folder = runs.find_run(name)
            for path in (folder.socket, folder.control_file):
                if path.exists() and name == self.names[-1]:
                    yield f"left over: {path}"
        for path in self.temporary.rglob("*"):
            if not path.is_dir():
                yield f"left over: {path}"

    def describe(self) -> str:
        """Tell what is known of the run, for whoever looks for the cause of a fault."""
        parts = [f"repository {self.root}, processes {marked_processes(self.mark)}"]
        for name in self.names:
            folder = runs.find_run(name)
            with contextlib.suppress(OSError):
                parts.append(f"{folder.path}:\n{folder.output_file.read_text()[-3000:]}")
        return "\n".join(parts)


@contextlib.contextmanager
def open_scene(survey: Survey, folder: Path, mark: str, reference: Reference | None) -> Iterator[Scene]:
    """Set up everything for a run, and take away what is left of its processes."""
    folder.mkdir(parents=True)
    temporary = folder / "tmp"
    temporary.mkdir()
    mark = f"{mark}-{os.getpid()}-{time.time_ns()}"
    scene = Scene(survey, survey.copy(folder / "survey"), temporary, mark, reference)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MARK, scene.mark)
        patch.setenv("TMPDIR", str(temporary))
        patch.setenv("JUPYTER_MPEXEC_DATA", str(folder / "data"))
        patch.setattr(tempfile, "tempdir", None)
        try:
            yield scene
        finally:
            for process in marked_processes(scene.mark):
                kill(process.pid)


def run_undisturbed(survey: Survey, folder: Path) -> Reference:
    """Run the graph once in peace."""
    with open_scene(survey, folder, "reference", None) as scene:
        begin = time.monotonic()
        run = scene.begin()
        scene.wait(run)
        seconds = time.monotonic() - begin
        run.check()
        snapshot, faults = take_snapshot(scene.root)
        assert not faults
        places = {dataset_id: path for _, _, dataset_id, path in snapshot.datasets}
        outputs = {
            str(quantum.quantum_id): tuple(
                places[str(ref.id)]
                for refs in quantum.quantum.outputs.values()
                for ref in refs
                if str(ref.id) in places
            )
            for quantum in enumerate_quanta(survey.load(scene.root, extend_run=True).graph)
        }
        return Reference(snapshot, outputs, seconds, len(list(scene.journal.read())))


def _identity(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_ino, status.st_size

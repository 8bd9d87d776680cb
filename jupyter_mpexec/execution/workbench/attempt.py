"""One more run of an open quantum, with all that came of it in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lsst.daf.butler import DatasetRef
from lsst.daf.butler.logging import ButlerLogRecords
from lsst.pipe.base import TaskMetadata

from ...status import QuantumStatus
from .log_text import LogText
from .patch import Patch
from .producers import InputVersions

__all__ = ["Attempt"]


@dataclass(kw_only=True, eq=False)
class Attempt:
    """A rerun of a quantum; nothing of it is in the output run, unless it is promoted.

    Parameters
    ----------
    number
        1 for the first one; 0 until the quantum has taken it.
    quantum_name
        Task label and data ID.
    status
        How it ended.
    duration, cpu_time
        Seconds of wall and processor time.
    outputs
        What was written, by connection name.
    written
        The same by dataset, with metadata and log.
    metadata
        The task's metadata; None if it was not written.
    log_records
        What was logged.
    config_changes
        Fields that differ from the run's configuration: its value and this one, by name.
    patches
        Methods that were replaced.
    error
        What was raised, or None.
    traceback
        The formatted traceback.
    no_work
        The task found nothing to do.
    caveats
        As in `~jupyter_mpexec.events.QuantumFinished`.
    started
        When, in seconds since the Unix epoch.
    promoted
        It was given to the output run; one that goes on takes it between two quanta.
    input_versions
        Which outputs of other quanta it was made from.
    """

    number: int = 0
    quantum_name: str
    status: QuantumStatus
    duration: float
    outputs: Mapping[str, Any]
    written: Mapping[DatasetRef, Any] = field(repr=False)
    metadata: TaskMetadata | None = field(default=None, repr=False)
    log_records: ButlerLogRecords = field(repr=False)
    config_changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    patches: tuple[Patch, ...] = ()
    error: BaseException | None = None
    traceback: str = field(default="", repr=False)
    no_work: bool = False
    caveats: int = 0
    cpu_time: float = 0.0
    started: float = 0.0
    promoted: bool = False
    input_versions: InputVersions = field(default_factory=dict, repr=False)

    @property
    def succeeded(self) -> bool:
        """Whether it came to a good end."""
        return self.status.is_success

    @property
    def is_changed(self) -> bool:
        """Whether it was run with other code or another configuration than the run has."""
        return bool(self.patches or self.config_changes)

    @property
    def log(self) -> LogText:
        """What was logged, as text."""
        from ..in_kernel import all_lines

        return LogText(all_lines(self.log_records))

    def __repr__(self) -> str:
        changes = [*(patch.name for patch in self.patches), *self.config_changes]
        with_ = f", with {', '.join(changes)}" if changes else ""
        return f"Attempt({self.number}: {self.status} in {self.duration:.3g} s{with_})"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from ..views.open_quantum import attempt_bundle

        return attempt_bundle(self)

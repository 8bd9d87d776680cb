"""What happens in a run: small frozen records, one class a kind of event.

Events are the only thing that flows out of an execution model: to the journal, to progress bars, to reports. They are
picklable; `event_json` has them as lines of JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from .long_text import LOG, MESSAGE, STORY, TRACEBACK, Limits, trim
from .status import QuantumStatus, RunState

__all__ = [
    "SCHEMA_VERSION",
    "DataId",
    "Event",
    "QuantaIngested",
    "QuantumBlocked",
    "QuantumCancelled",
    "QuantumEnded",
    "QuantumEvent",
    "QuantumFailed",
    "QuantumFinished",
    "QuantumReset",
    "QuantumSkipped",
    "QuantumStarted",
    "RunFinished",
    "RunLogged",
    "RunStarted",
    "RunStateChanged",
]

SCHEMA_VERSION = 1
"""Version of the journal's event records; raised when a field changes its meaning or goes away."""

DataId = Mapping[str, int | str]
"""A data ID as plain values: required dimension names to values."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events.

    Parameters
    ----------
    time
        When it happened, in seconds since the Unix epoch.
    """

    time: float

    kind: ClassVar[str] = "event"
    classes: ClassVar[dict[str, type[Event]]] = {}

    def __init_subclass__(cls) -> None:
        cls.kind = cls.__name__
        Event.classes[cls.__name__] = cls


@dataclass(frozen=True, kw_only=True)
class RunStarted(Event):
    """A run begins.

    Parameters
    ----------
    run_id
        Identifier of the run, and name of its folder.
    output_run
        RUN collection that outputs go to.
    output
        CHAINED collection above it, if any.
    repository
        URI of the Butler repository.
    quanta
        Number of quanta by task label, in pipeline order.
    dependencies
        Direct dependencies between tasks: label to the labels of the tasks it needs.
    command
        The equivalent shell command, word by word; empty if there is none.
    options
        The options of the run, as plain values.
    versions
        Versions of Python and of the middleware packages.
    host, pid
        Where the run was started.
    """

    run_id: str
    output_run: str
    output: str | None = None
    repository: str = ""
    quanta: Mapping[str, int] = field(default_factory=dict)
    dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    host: str = ""
    pid: int = 0
    schema: int = SCHEMA_VERSION


@dataclass(frozen=True, kw_only=True)
class RunStateChanged(Event):
    """The run was paused, resumed or asked to stop."""

    state: RunState
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class RunFinished(Event):
    """A run ends.

    Parameters
    ----------
    state
        One of the final run states.
    error
        Why the run as a whole failed or stopped, for a reader; empty after a success.
    hint
        What the reader can do about it.
    error_class
        Full name of the exception's class.
    counts
        Number of quanta by status at the end, so that nobody has to count again.
    """

    state: RunState
    error: str = ""
    hint: str = ""
    error_class: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _trim(self, error=STORY)


@dataclass(frozen=True, kw_only=True)
class RunLogged(Event):
    """The run itself, not one of its quanta, has something to say.

    Parameters
    ----------
    level
        Level of the log record, as in `logging`.
    logger
        Name of the logger.
    message
        The formatted message.
    """

    level: int
    logger: str
    message: str

    def __post_init__(self) -> None:
        _trim(self, message=STORY)


@dataclass(frozen=True, kw_only=True)
class QuantumEvent(Event):
    """Base of all events about one quantum.

    Parameters
    ----------
    quantum_id
        UUID of the quantum, in its usual text form.
    task_label
        Label of its task.
    data_id
        Required values of its data ID.
    """

    quantum_id: str
    task_label: str
    data_id: DataId

    @property
    def name(self) -> str:
        """Task label and data ID in one short text, ``isr(detector=7, exposure=42)``."""
        return f"{self.task_label}({', '.join(f'{k}={v}' for k, v in self.data_id.items())})"


@dataclass(frozen=True, kw_only=True)
class QuantumStarted(QuantumEvent):
    """A quantum begins to run.

    Parameters
    ----------
    worker
        Name of the thread or process that runs it.
    pid
        The process that runs it, which is on the host of the run; 0 if unknown.
    attempt
        1 for the first try, 2 for the first retry.
    """

    worker: str = ""
    pid: int = 0
    attempt: int = 1

    status: ClassVar[QuantumStatus] = QuantumStatus.RUNNING


@dataclass(frozen=True, kw_only=True)
class QuantumEnded(QuantumEvent):
    """Base of the events after which a quantum is in a final state.

    Parameters
    ----------
    duration
        Wall time in seconds.
    cpu_time
        Processor time in seconds, user and system.
    peak_memory
        Highest resident memory of the process, in bytes; 0 if unknown. In a worker process it is that of the quantum,
        in the kernel that of all that happened so far.
    exit_code
        Exit code of the process that ran it, as upstream would have it: None in the kernel, negative for a signal.
    """

    duration: float = 0.0
    cpu_time: float = 0.0
    peak_memory: int = 0
    exit_code: int | None = None

    status: ClassVar[QuantumStatus]


@dataclass(frozen=True, kw_only=True)
class QuantumFinished(QuantumEnded):
    """A quantum ran to its end.

    Parameters
    ----------
    no_work
        The task found nothing to do.
    caveats
        Qualified success: the value of upstream's ``QuantumSuccessCaveats`` flags, 0 for none.
    promoted
        Its outputs come from a rerun by hand that was promoted.
    patch
        How that differed from the run: ``methods``, a list of records with name, source and original text, and
        ``config``, old and new value as text by name of the field; empty if it did not.
    """

    no_work: bool = False
    caveats: int = 0
    promoted: bool = False
    patch: Mapping[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> QuantumStatus:  # type: ignore[override]  # depends on the instance, here only
        """State of the quantum after this event."""
        return QuantumStatus.NO_WORK if self.no_work else QuantumStatus.SUCCEEDED

    @property
    def lacks_outputs(self) -> bool:
        """Whether it succeeded, but did not write all the outputs that were predicted."""
        # The lowest flag is upstream's ANY_OUTPUTS_MISSING.
        return bool(self.caveats & 1) and not self.no_work


@dataclass(frozen=True, kw_only=True)
class QuantumFailed(QuantumEnded):
    """A quantum failed.

    Of texts that are too long to be read, beginning and end are kept (see `long_text`).

    Parameters
    ----------
    exception
        Full name of the exception's class.
    message
        Its text.
    traceback
        The formatted traceback.
    log
        The last lines that the quantum logged, formatted.
    timed_out
        It was killed because it took too long.
    attempt
        1 for the first try.
    will_retry
        It is about to be tried again.
    """

    exception: str
    message: str
    # Pages of text, which are better printed than quoted.
    traceback: str = field(default="", repr=False)
    log: str = field(default="", repr=False)
    timed_out: bool = False
    attempt: int = 1
    will_retry: bool = False

    status: ClassVar[QuantumStatus] = QuantumStatus.FAILED

    def __post_init__(self) -> None:
        # Here, so that those of a journal that an earlier version wrote are short, too.
        _trim(self, message=MESSAGE, traceback=TRACEBACK, log=LOG)


@dataclass(frozen=True, kw_only=True)
class QuantumSkipped(QuantumEnded):
    """A quantum was not run; its dependents go on.

    Parameters
    ----------
    reason
        ``"existing"`` where its outputs were there already, ``"user"`` where somebody said so.
    """

    reason: str = "existing"

    status: ClassVar[QuantumStatus] = QuantumStatus.SKIPPED


@dataclass(frozen=True, kw_only=True)
class QuantumBlocked(QuantumEnded):
    """A quantum cannot run.

    Parameters
    ----------
    blocked_by
        ID of the quantum whose failure or cancellation is the cause.
    """

    blocked_by: str

    status: ClassVar[QuantumStatus] = QuantumStatus.BLOCKED


@dataclass(frozen=True, kw_only=True)
class QuantumCancelled(QuantumEnded):
    """A quantum was taken out of the run, before or while it ran."""

    reason: str = "user"

    status: ClassVar[QuantumStatus] = QuantumStatus.CANCELLED


@dataclass(frozen=True, kw_only=True)
class QuantumReset(QuantumEvent):
    """A quantum that had failed, or was blocked or cancelled, is pending again (a retry).

    Parameters
    ----------
    held
        It is held back, to be debugged, until it is released.
    """

    held: bool = False

    @property
    def status(self) -> QuantumStatus:
        """State of the quantum after this event."""
        return QuantumStatus.HELD if self.held else QuantumStatus.PENDING


@dataclass(frozen=True, kw_only=True)
class QuantaIngested(Event):
    """Outputs of quanta are in the registry from now on.

    Parameters
    ----------
    quantum_ids
        The quanta.
    datasets
        How many datasets that were.
    """

    quantum_ids: tuple[str, ...]
    datasets: int = 0


def _trim(event: Event, **limits: Limits) -> None:
    for name, limit in limits.items():
        object.__setattr__(event, name, trim(getattr(event, name), limit))

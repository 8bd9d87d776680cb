"""What parent and worker processes say to each other.

Everything heavy travels as bytes that were pickled before: so a message can always be read, and what is inside is
unpickled where a failure can be told from a failure of the pipe.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..events import DataId, QuantumEnded

__all__ = [
    "PruneReply",
    "PruneRequest",
    "QuantumDone",
    "RunQuantum",
    "WorkerBroken",
    "WorkerOptions",
    "WorkerSetup",
    "WorkerStarted",
]


@dataclass(frozen=True, kw_only=True)
class WorkerOptions:
    """What a worker has to know before it imports anything.

    Parameters
    ----------
    limit_threads
        Keep numerical libraries from starting threads of their own.
    environment
        Environment variables to set; needed where the worker does not inherit them.
    log_file
        Where log records of the quantum under way are kept, in case that the process dies.
    crash_file
        Where Python's fault handler writes to.
    max_memory
        Bytes that the process may allocate; None for any number.
    lock_file
        File to hold a shared lock on for as long as the process lives; None for none.
    """

    limit_threads: bool
    environment: Mapping[str, str] = field(default_factory=dict)
    log_file: str
    crash_file: str
    max_memory: int | None = None
    lock_file: str | None = None


@dataclass(frozen=True, kw_only=True)
class WorkerSetup:
    """What a worker has to know before its first quantum; sent once.

    Parameters
    ----------
    executor
        The executor of single quanta, pickled (classes of ``__main__`` by value).
    butler
        How to make the butler that the executor writes with, pickled; None if it has its own.
    wants_traces
        Send back metadata and log of each quantum.
    captures
        Describe failures with their frames.
    logging
        How to log (a `LogState`), pickled.
    """

    executor: bytes
    butler: bytes | None
    wants_traces: bool
    captures: bool
    logging: bytes


@dataclass(frozen=True)
class WorkerStarted:
    """The worker has imported what it needs, and waits for its set-up and for quanta."""


@dataclass(frozen=True)
class WorkerBroken:
    """The worker cannot be set up.

    Parameters
    ----------
    reason
        The formatted traceback.
    hint
        What to do about it; empty if nothing special is known.
    """

    reason: str
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class RunQuantum:
    """An order to run a quantum.

    Parameters
    ----------
    quantum_id, task_label, data_id, attempt
        As in the events.
    quantum
        Inputs and outputs, pickled.
    task
        The task node, pickled; None if the worker has it already.
    records
        Where the datasets are that were there before the run, pickled; None if the worker knows.
    """

    quantum_id: uuid.UUID
    task_label: str
    data_id: DataId
    attempt: int
    quantum: bytes
    task: bytes | None
    records: bytes | None


@dataclass(frozen=True, kw_only=True)
class QuantumDone:
    """A quantum has ended, well or not.

    Parameters
    ----------
    event
        How.
    written
        Identifiers of the datasets that are there now.
    records
        Their datastore records, pickled; None if nothing was written.
    traces
        Metadata and log records, pickled; None if nobody asked.
    repeatable
        The task says that it may go better another time.
    worn_out
        The worker should be replaced before another quantum.
    capsule
        What there is to know of a failure, as JSON; empty if nothing is.
    """

    event: QuantumEnded
    written: tuple[uuid.UUID, ...] = ()
    records: bytes | None = None
    traces: bytes | None = None
    repeatable: bool = False
    worn_out: bool = False
    capsule: str = ""


@dataclass(frozen=True)
class PruneRequest:
    """Datasets have to go before the quantum can run; only the parent can take them out of the registry.

    Parameters
    ----------
    refs
        The datasets, pickled.
    """

    refs: bytes


@dataclass(frozen=True)
class PruneReply:
    """They are gone.

    Parameters
    ----------
    error
        Why they are not; empty otherwise.
    """

    error: str = ""

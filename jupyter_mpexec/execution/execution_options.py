"""How a graph is executed, as opposed to what is in it."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Literal, Self

import astropy.units as u
from lsst.pipe.base import ExecutionResources

from ..errors import UsageError, did_you_mean

__all__ = ["ExecutionOptions", "worker_memory"]

_SIZE = "Give a number of MB, or a number and a unit: 3GB."


@dataclass(frozen=True, kw_only=True)
class ExecutionOptions:
    """Options of a run; each has the meaning of the `pipetask` option of the same name.

    Parameters
    ----------
    processes
        Number of worker processes; 1 to run all in this process.
    start_method
        How processes are started.
    timeout
        Seconds that a quantum may take; then it is ended, if it runs in a process of its own.
    retries
        How often a quantum is tried again that failed with a ``RepeatableQuantumError``, with growing pauses.
    fail_fast
        Stop at the first failure.
    raise_on_partial_outputs
        Partial outputs are a failure; otherwise a success with caveats.
    clobber_outputs
        Remove outputs of failed quanta that are in the way. None: as the graph was built.
    register_dataset_types
        Register dataset types that the repository does not know yet.
    skip_init_writes
        Do not write init-outputs, configs and package versions.
    init_only
        Make the output run ready, and execute nothing.
    no_versions
        Do not write or compare package versions.
    graph_fixup
        Full name of a class or function that makes an ``ExecutionGraphFixup``.
    enable_implicit_threading
        Let numerical libraries use threads of their own.
    cores_per_quantum
        Number of cores that tasks are told they may use.
    memory_per_quantum
        Memory that tasks are told they may use, such as ``"3GB"``; a plain number is in MB.
    max_memory
        Memory that each worker process may allocate, spelled likewise; a quantum that needs more fails. Not with one
        process only: the quanta then run in this one, which is not to be limited.
    enable_lsst_debug
        Import a module named ``debug``.
    pdb
        Debugger module to call after a failure, in a terminal.
    profile
        File to write a profile of the run to (``cProfile``).
    summary
        URI to write upstream's JSON report to.
    """

    processes: int = 1
    start_method: Literal["spawn", "forkserver"] | None = None
    timeout: float | None = None
    retries: int = 0
    fail_fast: bool = False
    raise_on_partial_outputs: bool = True
    clobber_outputs: bool | None = None
    register_dataset_types: bool = False
    skip_init_writes: bool = False
    init_only: bool = False
    no_versions: bool = False
    graph_fixup: str = ""
    enable_implicit_threading: bool = False
    cores_per_quantum: int = 1
    memory_per_quantum: str = ""
    max_memory: str = ""
    enable_lsst_debug: bool = False
    pdb: str | None = None
    profile: str = ""
    summary: str | None = None

    def __post_init__(self) -> None:
        if self.processes < 1:
            raise UsageError(f"processes (-j) must be at least 1, not {self.processes}.")
        if self.retries < 0:
            raise UsageError(f"retries must be at least 0, not {self.retries}.")
        if self.cores_per_quantum < 1:
            raise UsageError(f"cores_per_quantum (-n) must be at least 1, not {self.cores_per_quantum}.")
        worker_memory(self.max_memory, self.processes)

    def changed(self) -> dict[str, Any]:
        """Get the options that differ from their defaults."""
        return {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if getattr(self, field.name) != field.default
        }

    @classmethod
    def make(cls, **options: Any) -> Self:
        """Make options from keywords, and suggest the right name for a wrong one."""
        known = {field.name for field in dataclasses.fields(cls)}
        for name in options:
            if name not in known:
                raise UsageError(f"A run has no option {name!r}.", hint=did_you_mean(name, known))
        return cls(**options)

    def resources(self) -> ExecutionResources:
        """Get what tasks are told that they may use.

        Raises
        ------
        UsageError
            Raised if ``memory_per_quantum`` is no amount of memory.
        """
        return _resources("memory_per_quantum", self.memory_per_quantum, self.cores_per_quantum)


def worker_memory(max_memory: str, processes: int) -> int | None:
    """Get the number of bytes that a worker may allocate; None for any number.

    Raises
    ------
    UsageError
        Raised if ``max_memory`` is no amount of memory, or there are no workers.
    """
    amount = _resources("max_memory", max_memory).max_mem
    if amount is None:
        return None
    if not (math.isfinite(amount.value) and amount.value > 0):
        raise UsageError(
            f"max_memory (--max-memory) is {max_memory!r}: it must be more than nothing.", hint=_SIZE
        )
    if processes == 1:
        raise UsageError(
            "max_memory (--max-memory) limits worker processes, and with one process there are none.",
            hint="Give processes=2 (-j 2) or more, or leave the limit out.",
        )
    return int(amount.value)


def _resources(name: str, memory: str, cores: int = 1) -> ExecutionResources:
    try:
        return ExecutionResources(num_cores=cores, max_mem=memory, default_mem_units=u.MB)
    except Exception as error:
        flag = f"--{name.replace('_', '-')}"
        raise UsageError(f"{name} ({flag}) is {memory!r}: {error}", hint=_SIZE) from error

"""Quanta of the demo survey with and without a debug session, and failures with and without a capsule."""

from __future__ import annotations

import contextlib
import gc
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_mpexec.demo import make_repository
from jupyter_mpexec.execution.graph_builder import GraphBuilder
from jupyter_mpexec.execution.workbench.open_quantum import OpenQuantum

__all__ = ["Times", "failure_times", "opened_quanta", "task_times"]

TASKS = ("isr", "detect", "calibrate", "consolidateVisit", "warp", "coadd", "difference", "lightCurves")


@dataclass
class Times:
    """How long the same work took each time, in seconds.

    Parameters
    ----------
    wall
        On the clock.
    processor
        Of all threads of this process, which others who use the machine disturb less.
    """

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def add(self, wall: float, processor: float) -> None:
        """Add one."""
        self.wall.append(wall)
        self.processor.append(processor)

    def to(self, other: Times) -> tuple[float, float]:
        """Divide the shortest times by those of others: on the clock, and of the processor."""
        return min(self.wall) / min(other.wall), min(self.processor) / min(other.processor)


@contextlib.contextmanager
def opened_quanta() -> Iterator[list[OpenQuantum]]:
    """Process a small survey, and open a quantum of each task, with its inputs read."""
    with tempfile.TemporaryDirectory() as folder:
        survey = make_repository(Path(folder) / "survey", size="small")
        pipeline = "resource://jupyter_mpexec/demo/pipelines/survey.yaml"
        built = GraphBuilder(pipeline, survey.root, input=survey.inputs, output="u/bench").build()
        run = built.run(register_dataset_types=True)
        opened = []
        for task in TASKS:
            record = next(r for r in run.report.quanta.values() if r.task_label == task)
            quantum = run.quantum(record.quantum_id)
            dict(quantum.inputs)
            opened.append(quantum)
        yield opened


def task_times(
    quantum: OpenQuantum, repeat: int, never: Callable[[], None]
) -> tuple[dict[str, Times], float, float]:
    """Run a quantum again and again: alone, in a session, and in a session with a breakpoint that is not reached.

    Parameters
    ----------
    quantum
        The quantum.
    repeat
        How often each way, at least.
    never
        A function that is not called.

    Returns
    -------
    times
        How long the quantum itself took, by way.
    start
        Shortest time that a session takes beside the quantum itself, seconds.
    alone
        The same of a rerun.
    """
    ways: dict[str, Callable[[], float]] = {
        "alone": lambda: _rerun(quantum),
        "session": lambda: _debugged(quantum, None),
        "breakpoint": lambda: _debugged(quantum, never),
    }
    times = {name: Times() for name in ways}
    beside = {name: [0.0] * 0 for name in ways}
    for _ in range(2):  # what is imported or told once has been
        for way in ways.values():
            way()
    names = list(ways)
    for turn in range(repeat):
        # Each is first, second and last equally often.
        for name in names[turn % 3 :] + names[: turn % 3]:
            quantum.attempts.clear()
            gc.collect()
            whole = ways[name]()
            attempt = quantum.attempts[-1]
            assert attempt.succeeded, attempt.traceback
            times[name].add(attempt.duration, attempt.cpu_time)
            beside[name].append(whole - attempt.duration)
    return times, min(beside["session"]), min(beside["alone"])


def _rerun(quantum: OpenQuantum) -> float:
    start = time.perf_counter()
    quantum.rerun()
    return time.perf_counter() - start


def _debugged(quantum: OpenQuantum, never: Callable[[], None] | None) -> float:
    start = time.perf_counter()
    session = quantum.debug([never] if never is not None else (), pause_at=["exception"])
    session.wait()
    seconds = time.perf_counter() - start
    session.result()
    return seconds


def failure_times(quantum: OpenQuantum, repeat: int, **config: object) -> tuple[Times, Times, int]:
    """Let a quantum fail again and again, with and without a capsule of the failure, which is written to disk.

    Parameters
    ----------
    quantum
        The quantum.
    repeat
        How often each way.
    config
        What makes it fail.

    Returns
    -------
    plain, captured
        How long it took.
    size
        Bytes of the capsule.
    """
    from jupyter_mpexec.execution.workbench.configured_task import with_config

    node = with_config(quantum.run.graph.pipeline_graph, quantum.task_node, config)
    node.config.freeze()
    times = {False: Times(), True: Times()}
    size = 0
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "capsule.json"
        for captures in (True, False) * (repeat + 1):
            gc.collect()
            wall, processor = time.perf_counter(), time.process_time()
            _fail(quantum, node, file if captures else None)
            times[captures].add(time.perf_counter() - wall, time.process_time() - processor)
            size = file.stat().st_size
    for each in times.values():  # the first time, versions are looked up
        del each.wall[0], each.processor[0]
    return times[False], times[True], size


def _fail(quantum: OpenQuantum, node: Any, file: Path | None) -> None:
    from lsst.daf.butler.logging import ButlerLogRecords

    from jupyter_mpexec.execution.recording_executor import RecordingExecutor
    from jupyter_mpexec.execution.single_quantum_executor import SingleQuantumExecutor

    plain = SingleQuantumExecutor(butler=quantum.sandbox(), assume_no_existing_outputs=True)
    executor = RecordingExecutor(plain, captures=file is not None)
    try:
        # As in a run, where no quantum opens a butler of its own.
        with quantum._cache.reader.opened():
            executor.execute(node, quantum.quantum, quantum_id=quantum.id, log_records=ButlerLogRecords([]))
    except Exception:
        capsule = executor.take(str(quantum.id)).capsule
        if file is not None:
            assert capsule is not None
            assert capsule.frames
            capsule.save(file)
    else:
        raise AssertionError("It should have failed.")

"""A run in which nothing is executed: events of a graph of any size, at a steady rate, for ``panel.py``."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from jupyter_mpexec.events import QuantumFinished, QuantumStarted, RunFinished, RunStarted
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.collections import OutputCollections
from jupyter_mpexec.execution.execution_options import ExecutionOptions
from jupyter_mpexec.execution.graph_options import GraphOptions
from jupyter_mpexec.execution.run import Run
from jupyter_mpexec.execution.run_control import RunControl
from jupyter_mpexec.execution.run_folder import new_run_folder
from jupyter_mpexec.execution.single_quantum_executor import SingleQuantumExecutor
from jupyter_mpexec.status import RunState
from tests.execution.views.graphs import make_thin_components

DETECTORS = 49
"""Makes 99 quanta a visit."""


class SyntheticRun(Run):
    """A run that tells that quanta start and end, and does nothing else.

    Parameters
    ----------
    quanta
        How many quanta there are, roughly.
    repository
        A Butler repository, which the panel asks for earlier runs.
    """

    def __init__(self, quanta: int, repository: str) -> None:
        visits = max(1, round(quanta / (2 * DETECTORS + 1)))
        components = make_thin_components(visits=visits, detectors=DETECTORS)
        plan = OutputCollections(
            inputs=(), output=None, chain=(), output_exists=False, output_run="u/bench/run", run_is_new=True
        )
        self._graph = BuiltQuantumGraph(
            components=components, repository=repository, plan=plan, options=GraphOptions()
        )
        for task in components.pipeline_graph.tasks.values():
            # Worked out on first use, and not by two threads at once; real graphs have been asked for it before.
            _ = task.task_class_name
        super().__init__(new_run_folder(f"bench-{quanta}"), ExecutionOptions())
        self.control = RunControl()
        self.ends: list[float] = []
        self.late = 0.0

    @property
    def graph(self) -> BuiltQuantumGraph:
        """What seems to be executed."""
        return self._graph

    @property
    def quantum_executor(self) -> Callable[..., Any]:
        """What makes executors of single quanta."""
        return SingleQuantumExecutor

    def getReport(self) -> None:  # noqa: N802  # upstream's name
        """There is no report in upstream's form."""

    def begin(self) -> None:
        """Tell that the run has begun."""
        thin = self._graph.components.thin_graph
        self._quanta = [
            (str(quantum.quantum_id), label, self._data_id(label, quantum.data_coordinate))
            for label, found in thin.quanta.items()
            for quantum in found
        ]
        self._tell(
            RunStarted(
                time=time.time(),
                run_id=self.id,
                output_run=self.output_run,
                quanta={label: len(found) for label, found in thin.quanta.items()},
            )
        )

    def go(self, rate: float, seconds: float) -> None:
        """Let quanta start and end on another thread, `rate` a second."""
        number = min(len(self._quanta), round(rate * seconds))
        self._thread = threading.Thread(target=self._work, args=(rate, number), daemon=True)
        self._thread.start()

    def _work(self, rate: float, number: int) -> None:
        begin = time.monotonic()
        for count, (quantum_id, label, data_id) in enumerate(self._quanta[:number]):
            delay = begin + count / rate - time.monotonic()
            if delay > 0:
                time.sleep(delay)
            self.late = max(self.late, -delay)
            names: dict[str, Any] = {"quantum_id": quantum_id, "task_label": label, "data_id": data_id}
            self._tell(QuantumStarted(time=time.time(), worker="synthetic", **names))
            event = QuantumFinished(time=time.time(), duration=1 / rate, peak_memory=2**28, **names)
            self.ends.append(event.time)
            self._tell(event)
        self._tell(RunFinished(time=time.time(), state=RunState.SUCCEEDED))
        self._ended.set()

    def _data_id(self, label: str, values: list[int | str]) -> dict[str, int | str]:
        names = ("instrument", "visit") if label == "summary" else ("instrument", "detector", "visit")
        return dict(zip(names, values, strict=False))

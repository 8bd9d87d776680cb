"""Packing quanta, tasks and executors for worker processes, so that nothing is sent twice."""

from __future__ import annotations

import copy
import pickle

from lsst.pipe.base.pipeline_graph import TaskNode
from lsst.pipe.base.quantum_graph_executor import QuantumExecutor

from ..errors import UsageError
from .by_value import classes_of_main, dumps_by_value
from .log_state import LogState
from .quantum_data import QuantumData
from .shared_butler import SharedButler
from .single_quantum_executor import SingleQuantumExecutor
from .worker_butler import ButlerRecipe
from .worker_messages import RunQuantum, WorkerSetup
from .worker_process import WorkerProcess

__all__ = ["QuantumPacker", "pack_setup"]


class QuantumPacker:
    """Makes the orders that workers get.

    Parameters
    ----------
    shared
        Knows where the inputs of the run are; None if workers have butlers that do.
    """

    def __init__(self, shared: SharedButler | None) -> None:
        self._shared = shared
        self._tasks: dict[str, bytes] = {}

    def pack(self, quantum: QuantumData, attempt: int, worker: WorkerProcess) -> RunQuantum:
        """Pack what a worker does not have yet for a quantum, and note that it has it from now on."""
        label = quantum.task_label
        task = None
        if label not in worker.known_tasks:
            task = self._tasks.get(label) or _pack_task(quantum.task_node)
            self._tasks[label] = task
            worker.known_tasks.add(label)
        inner = quantum.quantum
        parts = {
            "dataId": inner.dataId,
            "initInputs": dict(inner.initInputs),
            "inputs": dict(inner.inputs),
            "outputs": dict(inner.outputs),
            "datastore_records": inner.datastore_records,
        }
        return RunQuantum(
            quantum_id=quantum.quantum_id,
            task_label=label,
            data_id=quantum.data_id,
            attempt=attempt,
            quantum=pickle.dumps(parts, pickle.HIGHEST_PROTOCOL),
            task=task,
            records=self._records(quantum, worker),
        )

    def _records(self, quantum: QuantumData, worker: WorkerProcess) -> bytes | None:
        if self._shared is None:
            return None
        inner = quantum.quantum
        refs = [*inner.initInputs.values()]
        for datasets in (*inner.inputs.values(), *inner.outputs.values()):
            refs.extend(ref.makeCompositeRef() if ref.isComponent() else ref for ref in datasets)
        records = self._shared.records_of(ref for ref in refs if ref.id not in worker.known_datasets)
        if records is None:
            return None
        worker.known_datasets.update(i for data in records.values() for i in data.records)
        return pickle.dumps(records, pickle.HIGHEST_PROTOCOL)


def pack_setup(
    executor: QuantumExecutor, shared: SharedButler | None, *, wants_traces: bool, captures: bool = False
) -> WorkerSetup:
    """Pack what a worker needs before its first quantum.

    Raises
    ------
    UsageError
        Raised if the executor cannot be pickled.
    """
    butler = None
    if shared is not None:
        assert isinstance(executor, SingleQuantumExecutor), "No other one shares a butler."
        executor = copy.copy(executor)
        executor.butler = None
        butler = pickle.dumps(ButlerRecipe.of(shared))
    try:
        packed = dumps_by_value(executor)
    except Exception as error:
        raise UsageError(
            f"{type(executor).__name__} cannot be sent to worker processes: {error}",
            hint="Give it only attributes that can be pickled, or use one process.",
        ) from error
    return WorkerSetup(
        executor=packed,
        butler=butler,
        wants_traces=wants_traces,
        captures=captures,
        logging=pickle.dumps(LogState.of_this_process()),
    )


def _pack_task(node: TaskNode) -> bytes:
    return pickle.dumps((dumps_by_value(classes_of_main()), dumps_by_value(node)))

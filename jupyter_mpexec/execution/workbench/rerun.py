"""Running an open quantum once more, through the same five steps as in its run, but into memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lsst.daf.butler import DatasetRef, LimitedButler
from lsst.daf.butler.logging import ButlerLogRecords
from lsst.pipe.base import PipelineTask, TaskFactory
from lsst.pipe.base.pipeline_graph import TaskNode
from lsst.pipe.base.quantum_graph_executor import QuantumExecutionResult

from ...status import QuantumStatus
from ..execution_options import ExecutionOptions
from ..in_kernel import ending_event
from ..quantum_data import QuantumData
from ..quantum_logging import packages_of, quantum_logging
from ..resources import Stopwatch
from ..single_quantum_executor import SingleQuantumExecutor
from ..task_traceback import task_traceback
from .attempt import Attempt
from .patch import Patch
from .producers import InputVersions
from .sandbox_butler import SandboxButler

__all__ = ["PatchingTaskFactory", "Rerun"]


class PatchingTaskFactory(TaskFactory):
    """Makes tasks as ever, and then has them use new versions of methods.

    Parameters
    ----------
    patches
        The new versions, in the order in which they are applied.
    on_task
        Called with each task, when it is ready.
    """

    def __init__(
        self, patches: Iterable[Patch], on_task: Callable[[PipelineTask], object] | None = None
    ) -> None:
        self._patches = tuple(patches)
        self._on_task = on_task

    def makeTask(  # noqa: N802  # upstream's name
        self,
        task_node: TaskNode,
        /,
        butler: LimitedButler,
        initInputRefs: Iterable[DatasetRef] | None,  # noqa: N803  # upstream's name
    ) -> PipelineTask:
        """Make a task; see `lsst.pipe.base.TaskFactory.makeTask`."""
        task = super().makeTask(task_node, butler, initInputRefs)
        for patch in self._patches:
            patch.apply(task)
        if self._on_task is not None:
            self._on_task(task)
        return task


class Rerun:
    """All that one more run of a quantum needs; `run` may be called on any thread, once.

    Parameters
    ----------
    data
        The quantum as the run has it, with the task node to use.
    butler
        Where its outputs go.
    options
        How the run executes quanta.
    make_executor
        Makes the run's executor of single quanta.
    patches
        Methods to replace.
    config_changes
        How the configuration differs from that of the run.
    reader
        Context that reads of inputs share.
    on_task
        Called with the task, when it has been made.
    input_versions
        Which inputs there are.
    """

    def __init__(
        self,
        *,
        data: QuantumData,
        butler: SandboxButler,
        options: ExecutionOptions,
        make_executor: Callable[..., Any],
        patches: tuple[Patch, ...],
        config_changes: dict[str, tuple[Any, Any]],
        reader: Callable[[], Any],
        on_task: Callable[[PipelineTask], object] | None = None,
        input_versions: InputVersions,
    ) -> None:
        self._data = data
        self._input_versions = input_versions
        self._butler = butler
        self._patches = patches
        self._config_changes = config_changes
        self._reader = reader
        settings: dict[str, Any] = {
            "butler": butler,
            "enable_lsst_debug": options.enable_lsst_debug,
            "resources": options.resources(),
            "assume_no_existing_outputs": True,
            "raise_on_partial_outputs": options.raise_on_partial_outputs,
        }
        executor = make_executor(**settings, skip_existing_in=(), clobber_outputs=False)
        if not isinstance(executor, SingleQuantumExecutor):
            # Others write with butlers of their own.
            executor = SingleQuantumExecutor(**settings)
        executor.task_factory = PatchingTaskFactory(patches, on_task)
        self._executor = executor

    def run(self) -> Attempt:
        """Run the quantum; what the task raises is in the attempt."""
        logs = ButlerLogRecords([])
        started, stopwatch = time.time(), Stopwatch()
        error: BaseException | None = None
        result: QuantumExecutionResult | None = None
        with quantum_logging(packages_of([self._data.task_node.task_class_name])), self._reader():
            try:
                result = self._executor.execute(
                    self._data.task_node,
                    self._data.quantum,
                    quantum_id=self._data.quantum_id,
                    log_records=logs,
                )
            except (Exception, SystemExit) as raised:
                error = raised
        use = stopwatch.read()
        ending: Any = ending_event(self._data, result, use) if result is not None else None
        return Attempt(
            quantum_name=self._data.name,
            status=QuantumStatus.FAILED if ending is None else ending.status,
            duration=use.duration,
            cpu_time=use.cpu_time,
            outputs=outputs_by_connection(self._data, self._butler.written),
            written=dict(self._butler.written),
            metadata=result.task_metadata if result is not None else None,
            log_records=logs,
            config_changes=self._config_changes,
            patches=self._patches,
            error=error,
            traceback=task_traceback(error) if error is not None else "",
            no_work=getattr(ending, "no_work", False),
            caveats=getattr(ending, "caveats", 0),
            started=started,
            input_versions=self._input_versions,
        )


def outputs_by_connection(data: QuantumData, values: Mapping[DatasetRef, Any]) -> dict[str, Any]:
    """Sort outputs of a quantum by connection name; log and metadata are left out.

    Parameters
    ----------
    data
        The quantum.
    values
        Values of datasets.
    """
    by_id = {ref.id: value for ref, value in values.items()}
    connections = data.task_node.get_connections()
    found: dict[str, Any] = {}
    for name in sorted(connections.outputs):
        connection = getattr(connections, name)
        refs = [ref for ref in data.quantum.outputs.get(connection.name, ()) if ref.id in by_id]
        if refs:
            found[name] = [by_id[ref.id] for ref in refs] if connection.multiple else by_id[refs[0].id]
    return found

"""The report that upstream's tools read, filled from our events."""

from __future__ import annotations

import uuid

from lsst.pipe.base.mp_graph_executor import MPGraphExecutorError, MPTimeoutError
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph
from lsst.pipe.base.quantum_reports import ExceptionInfo, ExecutionStatus, QuantumReport, Report
from lsst.utils.introspection import get_full_type_name

from ..events import QuantumBlocked, QuantumCancelled, QuantumEnded, QuantumEvent, QuantumFailed
from .middleware import graph_summary

__all__ = ["UpstreamReport"]


class UpstreamReport:
    """Builds a `lsst.pipe.base.quantum_reports.Report` from the events of a run.

    Parameters
    ----------
    graph
        The quantum graph.
    command
        The command line to put into the report; that of this process by default.
    """

    def __init__(self, graph: PredictedQuantumGraph, command: tuple[str, ...] = ()) -> None:
        self._report = Report(qgraphSummary=graph_summary(graph), cmdLine=list(command) or None)
        # Reports of quanta take much more memory than the events that they are made from.
        self._quanta: dict[str, QuantumEnded] = {}

    def __call__(self, event: object) -> None:
        """Take in an event."""
        if isinstance(event, QuantumEnded):
            self._quanta[event.quantum_id] = event
        elif isinstance(event, QuantumEvent):
            # It runs (again): what was said of an earlier attempt no longer holds.
            self._quanta.pop(event.quantum_id, None)

    def fail(self, error: BaseException) -> None:
        """Note why the run as a whole failed, with the name of the class that upstream would have raised."""
        cls = type(error)
        for known in (MPTimeoutError, MPGraphExecutorError):
            if isinstance(error, known):
                cls = known
                break
        self._report.exceptionInfo = ExceptionInfo(className=get_full_type_name(cls), message=str(error))
        if self._report.status is ExecutionStatus.SUCCESS:
            self._report.status = ExecutionStatus.FAILURE

    def get(self) -> Report:
        """Get the report as it stands."""
        self._report.quantaReports = [_quantum_report(event) for event in self._quanta.values()]
        states = {quantum.status for quantum in self._report.quantaReports}
        if ExecutionStatus.FAILURE in states or (
            self._report.exceptionInfo is not None and ExecutionStatus.TIMEOUT not in states
        ):
            self._report.status = ExecutionStatus.FAILURE
        elif ExecutionStatus.TIMEOUT in states:
            self._report.status = ExecutionStatus.TIMEOUT
        else:
            self._report.status = ExecutionStatus.SUCCESS
        return self._report


def _quantum_report(event: QuantumEnded) -> QuantumReport:
    report = QuantumReport(
        quantumId=uuid.UUID(event.quantum_id), dataId=dict(event.data_id), taskLabel=event.task_label
    )
    report.exitCode = event.exit_code
    if isinstance(event, QuantumFailed):
        report.status = ExecutionStatus.TIMEOUT if event.timed_out else ExecutionStatus.FAILURE
        if event.exception:
            report.exceptionInfo = ExceptionInfo(className=event.exception, message=event.message)
    elif isinstance(event, (QuantumBlocked, QuantumCancelled)):
        report.status = ExecutionStatus.SKIPPED
    return report

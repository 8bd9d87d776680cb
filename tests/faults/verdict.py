"""Whether the journal of a run that is done tells a story that can be true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from jupyter_mpexec.errors import JournalError
from jupyter_mpexec.events import Event, QuantaIngested, QuantumFinished, QuantumReset, QuantumStarted
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.journal import Journal
from jupyter_mpexec.execution.quanta import enumerate_quanta
from jupyter_mpexec.report import RunReport
from jupyter_mpexec.status import RunState

__all__ = ["journal_faults"]


def journal_faults(journal: Journal, graph: BuiltQuantumGraph) -> Iterator[str]:
    """Tell what is wrong with the journal of a run that has succeeded in the end.

    Parameters
    ----------
    journal
        The journal.
    graph
        What was run.
    """
    try:
        events = list(journal.read())
    except JournalError as error:
        yield f"the journal cannot be read: {error}"
        return
    if not journal.path.read_bytes().endswith(b"\n"):
        yield "the journal ends in the middle of a line"
    needs = {
        str(quantum.quantum_id): set(map(str, quantum.prerequisites))
        for quantum in enumerate_quanta(graph.graph)
    }
    yield from _wrong_order(events, needs)
    report = RunReport.from_events(events)
    if report.state is not RunState.SUCCEEDED:
        yield f"the run ended as {report.state}: {report.error}"
    if wrong := [r.name for r in report.quanta.values() if not (r.status.is_success and r.ingested)]:
        yield f"not done, or not ingested: {', '.join(wrong)}"
    if report.quanta.keys() != needs.keys() or report.total != len(needs):
        yield f"{len(report.quanta)} quanta of {report.total} in the journal, {len(needs)} in the graph"


def _wrong_order(events: list[Event], needs: dict[str, set[str]]) -> Iterator[str]:
    running: set[str] = set()
    finished: set[str] = set()
    ingested: Counter[str] = Counter()
    for event in events:
        match event:
            case QuantumStarted():
                if event.quantum_id in finished:
                    yield f"{event.name} ran again after it had finished"
                if event.quantum_id in running:
                    yield f"{event.name} was started twice"
                if missing := needs[event.quantum_id] - finished:
                    yield f"{event.name} ran before {len(missing)} of its prerequisites"
                running.add(event.quantum_id)
            case QuantumReset():
                if event.quantum_id in finished:
                    yield f"{event.name} was reset after it had finished"
                running.discard(event.quantum_id)
            case QuantumFinished():
                if event.quantum_id in finished:
                    yield f"{event.name} finished twice"
                finished.add(event.quantum_id)
            case QuantaIngested():
                ingested.update(q for q in event.quantum_ids if q in finished)
    if lost := finished - ingested.keys():
        yield f"not ingested after they had finished: {lost}"
    if twice := [quantum_id for quantum_id, n in ingested.items() if n > 1]:
        yield f"ingested more than once: {twice}"

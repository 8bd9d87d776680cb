"""Writing what a rerun gave to the output run: all of it or nothing, and never without a word of it."""

from __future__ import annotations

import contextlib
import logging
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lsst.daf.butler import Butler, DatasetRef
from sqlalchemy.exc import DBAPIError

from ...errors import JupyterMpexecError, RunError, sentence
from ...events import Event, QuantumFinished, QuantumReset, RunFinished
from ...report import RunReport
from ...status import QuantumStatus, RunState
from ..built_graph import take_quanta
from ..death import death
from ..execution_model import identity
from ..ingest import Ingester
from ..middleware import butler_config, export_datastore_records
from ..output_keeper import OutputKeeper
from ..quanta import enumerate_quanta
from ..quantum_data import QuantumData
from ..quantum_remains import QuantumRemains
from ..repository import open_butler
from ..shared_butler import SharedButler, can_share, make_shared_butler
from ..views.wording import quanta_text
from ..write_butler import open_output_butler
from .attempt import Attempt
from .former_outputs import FormerOutputs
from .handover import RunBusyError, take_out, wait_for_status
from .promotion_record import facts_of, patch_of, promotion_record, with_patch

if TYPE_CHECKING:
    from .open_quantum import OpenQuantum

__all__ = ["promote"]

_LOG = logging.getLogger(__name__)


def promote(opened: OpenQuantum, attempt: Attempt, *, rerun_dependents: bool) -> None:
    """Write the outputs of an attempt; see `OpenQuantum.promote`."""
    if not attempt.succeeded:
        raise RunError(
            f"Attempt {attempt.number} of {opened.name} failed, and cannot be promoted.",
            hint="Mend it with patch() or another config, and rerun().",
        )
    if handed_over := opened.handed_over:
        raise RunError(
            f"Attempt {handed_over.number} of {opened.name} has been promoted already.",
            hint="The run takes it when a quantum that is under way has ended.",
        )
    if attempt.promoted and opened.status.is_success:
        raise RunError(f"Attempt {attempt.number} of {opened.name} has been promoted already.")
    _check_inputs(opened, attempt, opened.run.report)
    patch = patch_of(attempt)
    values = dict(attempt.written)
    for ref, value in values.items():
        if ref.datasetType.name == opened.task_node.metadata_output.dataset_type_name:
            values[ref] = with_patch(value, patch)
    # Metadata last: where they are, the quantum is done.
    is_record = opened.task_node.metadata_output.dataset_type_name
    values = dict(sorted(values.items(), key=lambda item: item[0].datasetType.name == is_record))
    is_taken = True
    with _explained(opened):
        if opened.run.state.is_final:
            _promote_afterwards(opened, attempt, values, rerun_dependents)
        else:
            is_taken = _promote_into_live_run(opened, attempt, values)
    changes = [each.name for each in attempt.patches] + [
        f"{n} = {v!r}" for n, (_, v) in attempt.config_changes.items()
    ]
    with_ = f", made with changes by hand: {', '.join(changes)}" if changes else ""
    are = "are now" if is_taken else "will be, when a quantum that is under way has ended,"
    _LOG.warning("Outputs of attempt %d %s those of %s%s.", attempt.number, are, opened.name, with_)


def _check_inputs(opened: OpenQuantum, attempt: Attempt, report: RunReport) -> None:
    """Refuse what was made before all that it needs was."""
    if missing := opened.producers.missing(report):
        first = missing[0]
        more = f", and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise RunError(
            f"{opened.name} needs outputs of {first.name}, which is {first.status}{more}.",
            hint="Without these it would be written as done, and be wrong. Promote or run them first, and rerun() it.",
        )
    now = opened.producers.versions(report)
    newer = [
        record.name
        for record in opened.producers.records(report)
        if attempt.input_versions.get(record.quantum_id, ...) != now[record.quantum_id]
    ]
    if newer:
        # Another process, or another handle, may have gone on with the run.
        is_known = now == opened.input_versions
        more = f" and {len(newer) - 1} more" if len(newer) > 1 else ""
        raise RunError(
            f"Attempt {attempt.number} of {opened.name} was not made from the outputs of {newer[0]}{more} that are "
            "there now.",
            hint="rerun() it, and promote that."
            if is_known
            else f"The run has gone on since: %pipetask attach {opened.run.id}, open it again, and rerun() it.",
        )


@contextlib.contextmanager
def _explained(opened: OpenQuantum) -> Iterator[None]:
    """Say in the words of the user what a file system or a database has refused."""
    try:
        yield
    except JupyterMpexecError:
        raise
    # What formatters and datastores meet with comes as a RuntimeError.
    except (OSError, DBAPIError, RuntimeError) as error:
        first: BaseException = error
        while first.__cause__ is not None:
            first = first.__cause__
        reason = first.orig if isinstance(first, DBAPIError) else first
        raise RunError(
            f"Outputs of {opened.name} cannot be written to the repository: {sentence(reason)}",
            hint="Nothing has changed there, and the attempt is kept: promote it again when that is mended.",
        ) from error


# Into a run that goes on.


def _promote_into_live_run(opened: OpenQuantum, attempt: Attempt, values: Mapping[DatasetRef, Any]) -> bool:
    """Write outputs, and have the run take them; returns whether it has done so."""
    with take_out(opened):
        if opened.status is not QuantumStatus.HELD:
            raise RunError(
                f"{opened.name} is {opened.status} in a run that goes on, and cannot be replaced now.",
                hint="Wait for the end of the run, or stop it.",
            )
        _hand_over(opened, attempt, values)
    try:
        wait_for_status(opened, QuantumStatus.NO_WORK if attempt.no_work else QuantumStatus.SUCCEEDED)
    except RunBusyError:
        return False
    return True


def _hand_over(opened: OpenQuantum, attempt: Attempt, values: Mapping[DatasetRef, Any]) -> None:
    run = opened.run
    with open_butler(run.graph.repository) as full:
        config = butler_config(full)
        if config is None or not can_share(full):
            raise RunError("The repository exists in memory only: promote when the run is over.")
        writer = SharedButler.from_predicted(
            config=config,
            predicted_inputs=[],
            predicted_outputs=[ref.id for ref in values],
            dimensions=full.dimensions,
            datastore_records={},
            dataset_types={
                name: node.dataset_type
                for name, node in run.graph.pipeline_graph.dataset_types.items()
                if node is not None
            },
        )
    assert isinstance(writer, SharedButler), "Upstream's class methods make what they are called on."
    with writer, _whole_or_nothing(writer):
        for ref, value in values.items():
            writer.put(value, ref)
        records = export_datastore_records(writer, list(values))
        run.control.adopt(opened.id, promotion=promotion_record(attempt, values, records))


@contextlib.contextmanager
def _whole_or_nothing(writer: SharedButler) -> Iterator[None]:
    try:
        yield
    except BaseException:
        writer.discard()
        raise


# Into a run that is over.


def _promote_afterwards(
    opened: OpenQuantum, attempt: Attempt, values: Mapping[DatasetRef, Any], rerun_dependents: bool
) -> None:
    run = opened.run
    with run.folder_owned() as folder:
        report = folder.journal.report()
        _check_inputs(opened, attempt, report)
        dependents = _dependents(opened)
        done = [quantum for quantum in dependents if _status(report, quantum).is_success]
        if done and not rerun_dependents:
            raise RunError(
                f"{quanta_text(len(done))} after {opened.name} {'is' if len(done) == 1 else 'are'} done already, "
                "with its former outputs.",
                hint="Use promote(rerun_dependents=True): their outputs are removed, and they run again when the run "
                "is resumed.",
            )
        with open_output_butler(run.graph.plan, run.graph.repository) as butler:
            events = _write(opened, attempt, values, done, butler)
        if not report.state.is_final:
            # Else it would seem to have gone on until now.
            events.insert(0, death(folder, report))
        again = [
            q for q in dependents if _status(report, q) not in (QuantumStatus.PENDING, QuantumStatus.FAILED)
        ]
        events += [QuantumReset(**identity(quantum)) for quantum in again]
        for event in events:
            report.apply(event)
        events.append(_new_end(report, run.id))
        run.record(events)


def _write(
    opened: OpenQuantum,
    attempt: Attempt,
    values: Mapping[DatasetRef, Any],
    stale: list[QuantumData],
    butler: Butler,
) -> list[Event]:
    ids = [opened.id, *(quantum.quantum_id for quantum in stale)]
    event = QuantumFinished(**{**identity(opened.data), **facts_of(attempt)})
    if not can_share(butler):
        _write_in_memory(butler, values)
        return [event]
    graph = take_quanta(opened.run.graph.components, ids).assemble()
    with (
        make_shared_butler(butler, graph, run_is_new=False) as shared,
        tempfile.TemporaryDirectory(prefix="mpexec-") as aside,
    ):
        assert isinstance(shared, SharedButler), "A context gives itself."
        former = FormerOutputs(shared, _known(shared, butler, opened.data), aside)
        shared.discard(former.refs)
        try:
            for ref, value in values.items():
                shared.put(value, ref)
            keeper = OutputKeeper(shared, Ingester(shared, butler))
            keeper.settle(event, QuantumRemains())
            ingested = keeper.finish()
        except BaseException:
            try:
                shared.discard([ref for ref in values if shared.stored(ref)])
            finally:
                former.put_back(butler)
            raise
        for quantum in stale:
            shared.discard(_known(shared, butler, quantum))
    return [event, *([ingested] if ingested is not None else [])]


def _write_in_memory(butler: Butler, values: Mapping[DatasetRef, Any]) -> None:
    before = {ref: butler.get(ref) for ref, exists in butler.stored_many(values).items() if exists}
    # Removing cannot be undone by a transaction.
    butler.pruneDatasets(list(before), disassociate=True, unstore=True, purge=True)
    try:
        with butler.transaction():
            for ref, value in values.items():
                butler.put(value, ref)
    except BaseException:
        for ref, value in before.items():
            butler.put(value, ref)
        raise


def _known(shared: SharedButler, butler: Butler, quantum: QuantumData) -> list[DatasetRef]:
    """List outputs that have a file, or that the registry believes to have one."""
    refs = quantum.output_refs
    exists = shared.stored_many(refs)
    return [ref for ref in refs if exists[ref] or butler.get_dataset(ref.id) is not None]


def _dependents(opened: OpenQuantum) -> list[QuantumData]:
    """Find all quanta after this one, in order."""
    found: set[uuid.UUID] = {opened.id}
    dependents = []
    for quantum in enumerate_quanta(opened.run.graph.graph):
        if quantum.prerequisites & found:
            found.add(quantum.quantum_id)
            dependents.append(quantum)
    return dependents


def _status(report: RunReport, quantum: QuantumData) -> QuantumStatus:
    record = report.quanta.get(str(quantum.quantum_id))
    return record.status if record is not None else QuantumStatus.PENDING


def _new_end(report: RunReport, run_id: str) -> RunFinished:
    counts = {status.value: n for status, n in report.counts.items()}
    failures = len(report.failures)
    rest = sum(n for status, n in report.counts.items() if not status.is_success)
    if not rest:
        return RunFinished(time=time.time(), state=RunState.SUCCEEDED, counts=counts)
    state = RunState.FAILED if failures else RunState.STOPPED
    what = [f"{failures} failed"] if failures else []
    what += [f"{quanta_text(rest - failures)} still to run"] if rest > failures else []
    return RunFinished(
        time=time.time(),
        state=state,
        error=f"After a promotion: {', '.join(what)}.",
        hint=f"Go on with: %pipetask resume {run_id}",
        error_class="jupyter_mpexec.errors.RunInterruptedError" if not failures else "",
        counts=counts,
    )

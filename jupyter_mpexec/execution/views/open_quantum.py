"""An open quantum and its reruns as plain records, for the displays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mpexec.debug.summaries import Variable
from jupyter_mpexec.debug.value_text import error_message
from jupyter_mpexec.display import formats, quantum_page
from jupyter_mpexec.display.quantum_page import AttemptView, DatasetRow, QuantumView
from jupyter_mpexec.long_text import HEADLINE, trim

from .wording import short_class

if TYPE_CHECKING:
    from jupyter_mpexec.execution.workbench.attempt import Attempt
    from jupyter_mpexec.execution.workbench.connection_datasets import ConnectionDatasets
    from jupyter_mpexec.execution.workbench.open_quantum import OpenQuantum

__all__ = ["attempt_bundle", "attempt_view", "open_quantum_bundle", "open_quantum_view"]


def open_quantum_bundle(opened: OpenQuantum) -> dict[str, str]:
    """Show an open quantum."""
    return quantum_page.quantum_bundle(open_quantum_view(opened))


def attempt_bundle(attempt: Attempt) -> dict[str, str]:
    """Show a rerun."""
    return quantum_page.attempt_bundle(attempt_view(attempt))


def open_quantum_view(opened: OpenQuantum) -> QuantumView:
    """Describe an open quantum; looks at what exists."""
    failure = opened.record.failure
    return QuantumView(
        name=opened.name,
        status=opened.status,
        task_class=opened.task_node.task_class_name,
        inputs=_rows(opened, opened.inputs),
        outputs=_rows(opened, opened.outputs),
        failure=_headline(short_class(failure.exception), failure.message) if failure is not None else "",
        patches=[patch.name for patch in opened.patches],
        attempts=[attempt_view(attempt) for attempt in opened.attempts],
        sessions=[f"{session.number}, {session.state}" for session in opened.debug_sessions],
        waits_for=[f"{record.name}, which is {record.status}" for record in opened.waits_for],
    )


def attempt_view(attempt: Attempt) -> AttemptView:
    """Describe a rerun."""
    changes = [patch.name for patch in attempt.patches]
    changes += [f"{name}={new!r} (was {old!r})" for name, (old, new) in attempt.config_changes.items()]
    error = attempt.error
    return AttemptView(
        number=attempt.number,
        name=attempt.quantum_name,
        status=attempt.status,
        duration=attempt.duration,
        changes=changes,
        error=_headline(type(error).__name__, error_message(error)) if error is not None else "",
        traceback=attempt.traceback,
        log=attempt.log,
        outputs=[(name, _short(name, value)) for name, value in attempt.outputs.items()],
        sources=[(patch.name, patch.source) for patch in attempt.patches],
        promoted=attempt.promoted,
    )


def _headline(exception: str, message: str) -> str:
    return trim(formats.plain(f"{exception}: {message}"), HEADLINE)


def _rows(opened: OpenQuantum, datasets: ConnectionDatasets) -> list[DatasetRow]:
    exists = datasets.exists
    rows = []
    for name in datasets:
        refs = datasets.refs_of(name)
        connection = getattr(opened.connections, name)
        prerequisite = name in opened.connections.prerequisiteInputs
        notes = ["prerequisite"] if prerequisite else []
        notes += ["deferred"] if getattr(connection, "deferLoad", False) else []
        rows.append(
            DatasetRow(
                connection=name,
                dataset_type=connection.name,
                storage_class=connection.storageClass,
                count=len(refs),
                exists=exists[name],
                note=", ".join(notes),
            )
        )
    return rows


def _short(name: str, value: object) -> str:
    variable = Variable.of(name, value)
    detail = f" ({variable.detail})" if variable.detail else ""
    return f"{variable.type_name}{detail}: {variable.text}"

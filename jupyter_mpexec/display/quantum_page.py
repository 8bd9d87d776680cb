"""An open quantum and its reruns, as text and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_mpexec.status import QuantumStatus

from . import formats
from .html import (
    Column,
    Html,
    badge,
    bundle,
    code,
    definition_list,
    details,
    join,
    page,
    paragraph,
    table,
    tag,
)
from .status_style import status_style

__all__ = ["AttemptView", "DatasetRow", "QuantumView", "attempt_bundle", "quantum_bundle"]


@dataclass(frozen=True, kw_only=True)
class DatasetRow:
    """A connection of the quantum.

    Parameters
    ----------
    connection, dataset_type, storage_class
        Their names.
    count
        Number of datasets.
    exists
        Whether all of them are there; None if nobody has looked.
    note
        What is special: deferred, prerequisite.
    """

    connection: str
    dataset_type: str
    storage_class: str
    count: int
    exists: bool | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class AttemptView:
    """A rerun.

    Parameters
    ----------
    number, name, status, duration
        As in the attempt.
    changes
        What was different, in short.
    error
        What was raised, in a line.
    traceback, log
        Texts.
    outputs
        Connection names and what was written there, in short.
    sources
        Names of patched methods, and their texts.
    promoted
        Whether it is in the output run.
    """

    number: int
    name: str
    status: QuantumStatus
    duration: float
    changes: Sequence[str] = ()
    error: str = ""
    traceback: str = ""
    log: str = ""
    outputs: Sequence[tuple[str, str]] = ()
    sources: Sequence[tuple[str, str]] = ()
    promoted: bool = False


@dataclass(frozen=True, kw_only=True)
class QuantumView:
    """An open quantum.

    Parameters
    ----------
    name, status, task_class
        What it is.
    inputs, outputs
        Its connections.
    failure
        What went wrong in the run, in a line.
    patches
        Names of methods that reruns replace.
    attempts
        Its reruns.
    sessions
        Debug sessions of it that run or are paused: number and state.
    waits_for
        Quanta that it takes inputs from and that are not done, in words.
    """

    name: str
    status: QuantumStatus
    task_class: str
    inputs: Sequence[DatasetRow]
    outputs: Sequence[DatasetRow]
    failure: str = ""
    patches: Sequence[str] = ()
    attempts: Sequence[AttemptView] = ()
    sessions: Sequence[str] = ()
    waits_for: Sequence[str] = ()


def quantum_bundle(view: QuantumView) -> dict[str, str]:
    """Show an open quantum."""
    style = status_style(view.status)
    lines = [f"{view.name}: {style.glyph} {style.word}", f"task: {view.task_class}"]
    if view.failure:
        lines.append(view.failure)
    if waiting := _waiting(view):
        lines.append(waiting)
    if sessions := _sessions(view):
        lines.append(sessions)
    for title, rows in (("inputs", view.inputs), ("outputs", view.outputs)):
        lines += [f"{title}:", *(f"  {_row_text(row)}" for row in rows)]
    if view.patches:
        lines.append(f"patched: {', '.join(view.patches)}")
    lines += [_attempt_line(attempt) for attempt in view.attempts]
    head = tag("h3", view.name, " ", badge(view.status), class_="jmpx-h")
    parts: list[object] = [head, definition_list([("task", tag("code", view.task_class))])]
    if view.failure:
        parts.append(paragraph(view.failure))
    if waiting:
        parts.append(_banner(waiting))
    if sessions:
        parts.append(_banner(sessions))
    if view.patches:
        parts.append(_banner("Reruns use other versions of: ", ", ".join(view.patches)))
    parts += [_dataset_table("Inputs", view.inputs), _dataset_table("Outputs", view.outputs)]
    if view.attempts:
        columns: list[Column | str] = ["Attempt", "State", Column("Took", numeric=True), "With", "Outcome"]
        parts.append(
            table(columns, [_attempt_row(each) for each in view.attempts], caption="Reruns, in memory")
        )
    return bundle(formats.plain("\n".join(lines)), page(*parts))


def attempt_bundle(view: AttemptView) -> dict[str, str]:
    """Show a rerun."""
    lines = [_attempt_line(view), *(f"  {name}: {what}" for name, what in view.outputs)]
    if view.traceback:
        lines += [
            f"  {line}" for line in formats.trim_lines(view.traceback, lines=30, characters=4000).splitlines()
        ]
    parts: list[object] = [
        tag("h3", f"Attempt {view.number} of {view.name} ", badge(view.status), class_="jmpx-h")
    ]
    facts: list[tuple[object, object]] = [("took", formats.duration(view.duration))]
    facts.append(("outputs", "in the output run" if view.promoted else "in memory only"))
    parts.append(definition_list(facts))
    if view.changes:
        parts.append(_banner("With changes by hand: ", ", ".join(view.changes)))
    parts += [details(name, code(text, label=name)) for name, text in view.sources]
    if view.error:
        traceback = formats.trim_lines(view.traceback, lines=80, characters=10_000)
        parts += [paragraph(tag("strong", view.error)), code(traceback, label="Traceback")]
    if view.outputs:
        parts.append(table(["Output", "Value"], view.outputs, caption="What it wrote"))
    if view.log:
        parts.append(
            details("Log", code(formats.trim_lines(view.log, lines=60, characters=8000), label="Log"))
        )
    return bundle(formats.plain("\n".join(lines)), page(*parts))


def _waiting(view: QuantumView) -> str:
    if not view.waits_for:
        return ""
    more = f", and {len(view.waits_for) - 1} more" if len(view.waits_for) > 1 else ""
    return (
        f"It takes inputs from {view.waits_for[0]}{more}: reruns lack these, and cannot be promoted before."
    )


def _sessions(view: QuantumView) -> str:
    if not view.sessions:
        return ""
    word = "session" if len(view.sessions) == 1 else "sessions"
    return (
        f"In debug {word} {'; '.join(view.sessions)}. %frame and %debug_quantum take one with -s NUMBER; "
        "%debug_quantum abandon ends one."
    )


def _banner(*parts: object) -> Html:
    return tag("p", *parts, class_="jmpx-p jmpx-banner", role="note")


def _row_text(row: DatasetRow) -> str:
    there = {None: "", True: "", False: " (not there)"}[row.exists]
    count = f"{row.count} × " if row.count != 1 else ""
    note = f", {row.note}" if row.note else ""
    return f"{row.connection}: {count}{row.dataset_type} ({row.storage_class}{note}){there}"


def _dataset_table(title: str, rows: Sequence[DatasetRow]) -> Html:
    columns: list[Column | str] = [
        *("Connection", "Dataset type", "Storage class"),
        Column("Datasets", numeric=True),
        *("There", ""),
    ]
    words = {None: "", True: "yes", False: "no"}
    cells = [
        (row.connection, row.dataset_type, row.storage_class, row.count, words[row.exists], row.note)
        for row in rows
    ]
    return table(columns, cells, caption=title)


def _attempt_line(view: AttemptView) -> str:
    style = status_style(view.status)
    with_ = f" with {', '.join(view.changes)}" if view.changes else ""
    error = f": {view.error}" if view.error else ""
    promoted = ", promoted" if view.promoted else ""
    took = formats.duration(view.duration)
    return f"attempt {view.number}: {style.glyph} {style.word} in {took}{with_}{promoted}{error}"


def _attempt_row(view: AttemptView) -> tuple[object, ...]:
    outcome = view.error or ("promoted" if view.promoted else "in memory")
    return (
        view.number,
        badge(view.status),
        formats.duration(view.duration),
        join(view.changes, ", ") or "no changes",
        outcome,
    )

"""Which quantum somebody means who names a task and a part of a data ID."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from ...errors import RunError, TaskNotFoundError, UsageError, did_you_mean

if TYPE_CHECKING:
    from ..built_graph import BuiltQuantumGraph

__all__ = ["choose_quanta", "choose_quantum", "data_id_words"]

_MOST_NAMED = 8


def choose_quantum(built: BuiltQuantumGraph, which: str | uuid.UUID, data_id: dict[str, Any]) -> uuid.UUID:
    """Find one quantum of a graph.

    Parameters
    ----------
    built
        The graph.
    which
        Label of a task, or the identifier of a quantum.
    data_id
        As much of its data ID as is needed to tell it from the others.

    Raises
    ------
    TaskNotFoundError
        Raised if there is no such task, or none with quanta.
    UsageError
        Raised if a dimension is unknown.
    RunError
        Raised if there is no such quantum, or more than one; the message lists what there is.
    """
    found = choose_quanta(built, which, data_id)
    if len(found) == 1:
        return found[0]
    label = str(which)
    asked = ", ".join(f"{name}={value}" for name, value in data_id.items())
    known = _quanta(built, label)
    raise RunError(
        f"{len(found)} quanta of {label!r}{f' with {asked}' if asked else ''}: name one of them.",
        hint=_listing(label, {quantum_id: known[quantum_id] for quantum_id in found}),
    )


def choose_quanta(
    built: BuiltQuantumGraph, which: str | uuid.UUID, data_id: dict[str, Any]
) -> tuple[uuid.UUID, ...]:
    """Find one or more quanta of a graph; see `choose_quantum`."""
    quantum_id = _as_identifier(which)
    if quantum_id is not None:
        if quantum_id not in built.components.quantum_datasets:
            raise RunError(f"The graph of the run has no quantum {quantum_id}.")
        return (quantum_id,)
    label = str(which)
    tasks = built.pipeline_graph.tasks
    if label not in tasks:
        hint = did_you_mean(label, tasks) or f"Its tasks: {', '.join(tasks)}."
        raise TaskNotFoundError(f"The run has no task {label!r}.", hint=hint)
    known = _quanta(built, label)
    dimensions = tasks[label].dimensions
    for name in data_id:
        if name not in dimensions.names:
            hint = did_you_mean(name, dimensions.names) or f"Its dimensions: {', '.join(dimensions.names)}."
            raise UsageError(f"Task {label!r} has no dimension {name!r}.", hint=hint)
    found = {
        quantum_id: known_id
        for quantum_id, known_id in known.items()
        if all(_is_same(known_id.get(name), value) for name, value in data_id.items())
    }
    if found:
        return tuple(found)
    asked = ", ".join(f"{name}={value}" for name, value in data_id.items())
    raise RunError(f"There is no quantum of {label!r} with {asked}.", hint=_listing(label, known))


def data_id_words(built: BuiltQuantumGraph, label: str, data_id: dict[str, Any]) -> dict[str, list[str]]:
    """List what could be said to name a quantum: values, in order, by each dimension that is not settled yet.

    Parameters
    ----------
    built
        The graph.
    label
        Label of a task; an unknown one has none.
    data_id
        What has been said.
    """
    if label not in built.pipeline_graph.tasks:
        return {}
    fitting = [
        known
        for known in _quanta(built, label).values()
        if all(_is_same(known.get(name), value) for name, value in data_id.items())
    ]
    names = [name for name in (fitting[0] if fitting else ()) if name not in data_id]
    values = {name: {known.get(name) for known in fitting} for name in names}
    return {
        name: [str(value) for value in sorted(found, key=lambda v: (isinstance(v, str), v))]
        for name, found in values.items()
        if None not in found
    }


def _as_identifier(which: str | uuid.UUID) -> uuid.UUID | None:
    if isinstance(which, uuid.UUID):
        return which
    try:
        return uuid.UUID(which)
    except (ValueError, AttributeError):
        return None


def _quanta(built: BuiltQuantumGraph, label: str) -> dict[uuid.UUID, dict[str, Any]]:
    # From the parts, which no other thread changes; all values of the data IDs, not only those that are required.
    names = tuple(built.pipeline_graph.tasks[label].dimensions.data_coordinate_keys)
    return {
        quantum_id: dict(zip(names, datasets.data_coordinate, strict=False))
        for quantum_id, datasets in built.components.quantum_datasets.items()
        if datasets.task_label == label
    }


def _is_same(known: Any, asked: Any) -> bool:
    # A magic has texts only.
    return bool(known == asked) or str(known) == str(asked)


def _listing(label: str, quanta: dict[uuid.UUID, dict[str, Any]]) -> str:
    # What is the same everywhere tells nothing.
    rows = list(quanta.values())
    if not rows:
        return f"The graph has no quanta of {label!r}."
    telling = [name for name in rows[0] if len({str(row.get(name)) for row in rows}) > 1] or list(rows[0])
    texts = sorted({", ".join(f"{name}={row[name]}" for name in telling if name in row) for row in rows})
    more = f" and {len(texts) - _MOST_NAMED} more" if len(texts) > _MOST_NAMED else ""
    return f"There are: {'; '.join(texts[:_MOST_NAMED])}{more}."

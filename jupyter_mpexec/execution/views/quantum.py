"""One quantum: a task, a data ID, and the datasets around it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from jupyter_mpexec.display import formats, html

from .data_id import data_id_table
from .wording import data_id_text, short_class

if TYPE_CHECKING:
    from lsst.daf.butler import DatasetRef, Quantum

__all__ = ["quantum_bundle"]

MAX_REFS = 200

Refs = dict[str, list["DatasetRef"]]


def quantum_bundle(quantum: Quantum) -> dict[str, str]:
    """Show a quantum as text and HTML: inputs and outputs by dataset type."""
    task = short_class(quantum.taskName or "unknown task")
    where = "empty data ID" if quantum.dataId is None else data_id_text(quantum.dataId.required)
    groups = {
        "inputs": {kind.name: list(refs) for kind, refs in quantum.inputs.items()},
        "init-inputs": {kind.name: [ref] for kind, ref in quantum.initInputs.items()},
        "outputs": {kind.name: list(refs) for kind, refs in quantum.outputs.items()},
    }
    text = [f"Quantum of {task} at {where}"]
    text += [f"  {title}: {_counts(refs)}" for title, refs in groups.items() if refs]
    parts = [html.heading(f"Quantum of {task}")]
    if quantum.dataId is not None:
        parts.append(data_id_table(quantum.dataId))
    parts.extend(_group(title, refs) for title, refs in groups.items() if refs)
    parts.append(html.definition_list([("task class", html.tag("code", quantum.taskName or "unknown"))]))
    return html.bundle("\n".join(text), html.page(*parts))


def _counts(refs: Refs) -> str:
    return ", ".join(
        f"{name} ({len(found):,})" if len(found) != 1 else name for name, found in sorted(refs.items())
    )


def _group(title: str, refs: Refs) -> html.Html:
    total = sum(map(len, refs.values()))
    rows = [row for name, found in sorted(refs.items()) for row in _rows(name, found)]
    table = html.table(["dataset type", "data ID", "run"], rows[:MAX_REFS], caption=title.capitalize())
    parts = [table]
    if len(rows) > MAX_REFS:
        parts.append(html.paragraph(f"… and {len(rows) - MAX_REFS:,} more.", muted=True))
    return html.details(f"{formats.plural(total, title.removesuffix('s'))}: {_counts(refs)}", *parts)


def _rows(name: str, refs: Iterable[DatasetRef]) -> list[tuple[str, str, str]]:
    return [(name, data_id_text(ref.dataId.required), ref.run) for ref in sorted(refs)]

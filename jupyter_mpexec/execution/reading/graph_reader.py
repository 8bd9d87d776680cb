"""A quantum graph file, as far as a viewer asks: nothing of it is executed, and no task class is imported."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any
from uuid import UUID

from lsst.pipe.base.pipeline_graph import TaskImportMode
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph

from jupyter_mpexec.display.scene import make_scene
from jupyter_mpexec.status import QuantumStatus

from ..views.components_view import ComponentsView
from ..views.pipeline_diagram import pipeline_diagram
from ..views.pipeline_nodes import task_dimensions
from ..views.quantum_selection import select_quanta
from ..views.wording import data_id_text
from ..zipfile_fix import mend_zipfile
from .old_graph_reader import OldGraphReader

__all__ = ["GraphReader", "read_graph"]

_MOST_ROWS = 500
_MOST_NEIGHBOURS = 200


def read_graph(path: str) -> GraphReader | OldGraphReader:
    """Open a quantum graph file of either format."""
    return OldGraphReader(path) if path.endswith(".qgraph") else GraphReader(path)


class GraphReader:
    """Answers questions about a file.

    Parameters
    ----------
    path
        The file, ending in ``.qg``.
    """

    def __init__(self, path: str) -> None:
        self._stack = ExitStack()
        self._view: ComponentsView | None = None
        self._found: tuple[tuple[str, str], list[tuple[str, UUID, Any]]] | None = None
        mend_zipfile()
        self._reader: Any = self._stack.enter_context(
            PredictedQuantumGraph.open(path, import_mode=TaskImportMode.DO_NOT_IMPORT)
        )

    def summary(self) -> dict[str, Any]:
        """Say what the graph is, from its header and pipeline alone: quick, however large it is."""
        view = ComponentsView(self._reader.components)
        diagram = pipeline_diagram(
            view.pipeline_graph,
            dataset_types=False,
            counts={label: {QuantumStatus.PENDING: number} for label, number in view.totals.items()},
        )
        tasks = [
            {
                "label": label,
                "class": task.task_class_name,
                "dimensions": task_dimensions(task),
                "quanta": view.totals[label],
            }
            for label, task in view.pipeline_graph.tasks.items()
        ]
        return {
            "total": view.total,
            "tasks": tasks,
            "facts": [[name, str(value)] for name, value in view.facts],
            "scene": make_scene(diagram),
            "note": "",
        }

    def quanta(self, task: str = "", where: str = "", first: int = 0, count: int = 100) -> dict[str, Any]:
        """List quanta, page by page, sorted by task and data ID.

        Parameters
        ----------
        task
            Only quanta of this task; all, if it is empty.
        where
            Only quanta whose data ID matches this expression.
        first, count
            The page.
        """
        asked = (task, where.strip())
        if self._found is None or self._found[0] != asked:
            selection = select_quanta(self._whole(), task_label=task or None, where=where)
            self._found = (
                asked,
                [
                    (label, quantum_id, data_id)
                    for label, quanta in selection.quanta.items()
                    for quantum_id, data_id in quanta.items()
                ],
            )
        found = self._found[1]
        first = max(0, first)
        page = found[first : first + max(0, min(count, _MOST_ROWS))]
        return {"total": len(found), "first": first, "rows": [_row(*each) for each in page]}

    def quantum(self, quantum_id: str) -> dict[str, Any]:
        """Say what one quantum needs and feeds: other quanta, and datasets."""
        chosen = UUID(quantum_id)
        view = self._whole()
        self._reader.read_quantum_datasets([chosen])
        before: list[dict[str, str]] = []
        after: list[dict[str, str]] = []
        dependents = set(view.dependents(chosen))
        for label, found, data_id in view.neighbours(chosen):
            (after if found in dependents else before).append(_row(label, found, data_id))
        datasets = [
            {
                "type": name,
                "data_id": data_id_text(data_id.required),
                "role": "input" if is_read else "output",
            }
            for name, data_id, is_read in view.datasets(chosen)
        ]
        return {
            "quantum_id": str(chosen),
            "needs": before[:_MOST_NEIGHBOURS],
            "feeds": after[:_MOST_NEIGHBOURS],
            "n_needs": len(before),
            "n_feeds": len(after),
            "datasets": datasets[:_MOST_NEIGHBOURS],
            "n_datasets": len(datasets),
        }

    def _whole(self) -> ComponentsView:
        """Read all quanta, once: their data IDs, and what needs what."""
        if self._view is None:
            self._reader.read_thin_graph()
            self._view = ComponentsView(self._reader.components)
        return self._view


def _row(label: str, quantum_id: UUID, data_id: Any) -> dict[str, str]:
    return {"task": label, "id": str(quantum_id), "data_id": data_id_text(data_id.required)}

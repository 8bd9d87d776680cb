"""A quantum graph file of the old format, as far as a viewer asks; nothing of it is executed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from lsst.daf.butler import DimensionUniverse

from jupyter_mpexec.diagram import Diagram, Edge, Node
from jupyter_mpexec.display.scene import make_scene
from jupyter_mpexec.errors import QuantumGraphError, TaskNotFoundError, did_you_mean
from jupyter_mpexec.status import QuantumStatus

from ..views.data_id_filter import compile_filter
from ..views.wording import data_id_text, listing, quanta_text
from .old_graph_file import OldGraphFile

__all__ = ["OldGraphReader"]

_MOST_ROWS = 500
_MOST_NEIGHBOURS = 200
_MOST_QUANTA = 40_000
"""Quanta are compressed one by one, which takes about a millisecond each."""
_FROM_OUTSIDE = "datastore"
"""What the format calls the producer of what no task makes."""


@dataclass(frozen=True)
class _Quantum:
    task: str
    id: str
    data_id: Mapping[str, int | str]

    @property
    def row(self) -> dict[str, str]:
        return {"task": self.task, "id": self.id, "data_id": data_id_text(_required(self.data_id))}


class OldGraphReader:
    """Answers the questions that `GraphReader` answers.

    Parameters
    ----------
    path
        The file, ending in ``.qgraph``.
    """

    def __init__(self, path: str) -> None:
        self._file = OldGraphFile(Path(path))
        self._nodes: dict[str, dict[str, Any]] = dict(self._file.header["Nodes"])
        self._tasks: dict[str, dict[str, Any]] = self._file.header["TaskDefs"]
        self._labels = _in_order(self._tasks)
        self._quanta: dict[str, _Quantum] | None = None

    def summary(self) -> dict[str, Any]:
        """Say what the graph is."""
        quanta = self._whole() if len(self._nodes) <= _MOST_QUANTA else {}
        numbers = Counter(quantum.task for quantum in quanta.values())
        dimensions = {
            quantum.task: ", ".join(_required(quantum.data_id)) or "no dimensions"
            for quantum in quanta.values()
        }
        tasks = [
            {
                "label": label,
                "class": str(self._file.piece(self._tasks[label])["taskName"]),
                "dimensions": dimensions.get(label, ""),
                "quanta": numbers[label],
            }
            for label in self._labels
        ]
        note = "A .qgraph file, the old format: %pipetask qgraph -b REPO -g FILE -q NEW.qg writes it as a .qg file."
        if not quanta:
            note = f"Its quanta are too many to be listed here. {note}"
        return {
            "total": len(self._nodes),
            "tasks": tasks,
            "facts": _facts(self._file.header.get("Metadata") or {}),
            "scene": make_scene(self._diagram(tasks)),
            "note": note,
        }

    def quanta(self, task: str = "", where: str = "", first: int = 0, count: int = 100) -> dict[str, Any]:
        """List quanta, page by page, sorted by task and data ID; see `GraphReader.quanta`."""
        if task and task not in self._tasks:
            raise TaskNotFoundError(
                f"The quantum graph has no task {task!r}.", hint=did_you_mean(task, self._tasks)
            )
        quanta = self._whole().values()
        matches = compile_filter(where)
        matches.check_names(sorted({name for quantum in quanta for name in quantum.data_id}))
        place = {label: number for number, label in enumerate(self._labels)}
        found = [
            quantum
            for quantum in quanta
            if quantum.task == (task or quantum.task)
            and (not where.strip() or (matches.names & quantum.data_id.keys() and matches(quantum.data_id)))
        ]
        found.sort(key=lambda quantum: (place[quantum.task], *quantum.data_id.values()))
        first = max(0, first)
        page = found[first : first + max(0, min(count, _MOST_ROWS))]
        return {"total": len(found), "first": first, "rows": [quantum.row for quantum in page]}

    def quantum(self, quantum_id: str) -> dict[str, Any]:
        """Say what one quantum needs and feeds: other quanta, and datasets."""
        node = self._nodes.get(quantum_id)
        if node is None:
            raise QuantumGraphError(f"The graph has no quantum {quantum_id[:80]!r}.")
        quanta = self._whole()
        needs, feeds = (
            sorted((quanta[each].row for each in node[way]), key=lambda row: (row["task"], row["data_id"]))
            for way in ("inputs", "outputs")
        )
        content = self._file.piece(node)["quantum"]
        datasets = [
            {"type": name, "data_id": data_id_text(_required(ref["dataId"]["dataId"])), "role": role}
            for role in ("input", "output")
            for name, refs in sorted(content[f"{role}s"].items())
            for ref, *_ in refs
        ]
        return {
            "quantum_id": quantum_id,
            "needs": needs[:_MOST_NEIGHBOURS],
            "feeds": feeds[:_MOST_NEIGHBOURS],
            "n_needs": len(needs),
            "n_feeds": len(feeds),
            "datasets": datasets[:_MOST_NEIGHBOURS],
            "n_datasets": len(datasets),
        }

    def _whole(self) -> dict[str, _Quantum]:
        """Read all quanta, once."""
        if len(self._nodes) > _MOST_QUANTA:
            raise QuantumGraphError(
                f"The quanta of this file are too many to be listed: {len(self._nodes):,}.",
                hint="%pipetask qgraph -b REPO -g FILE -q NEW.qg writes it as a .qg file, which is read much faster.",
            )
        if self._quanta is None:
            self._quanta = {}
            for quantum_id, place in self._nodes.items():
                content = self._file.piece(place)
                data_id = (content["quantum"]["dataId"] or {}).get("dataId") or {}
                self._quanta[quantum_id] = _Quantum(content["taskLabel"], quantum_id, data_id)
        return self._quanta

    def _diagram(self, tasks: list[dict[str, Any]]) -> Diagram:
        nodes = tuple(
            Node(
                id=f"task:{task['label']}",
                label=task["label"],
                kind="task",
                lines=(task["dimensions"],) if task["dimensions"] else (),
                details=(("task class", task["class"]),),
                counts={QuantumStatus.PENDING: task["quanta"]} if task["quanta"] else {},
            )
            for task in tasks
        )
        edges = tuple(
            Edge(source=f"task:{producer}", target=f"task:{label}")
            for label in self._labels
            for producer in _producers(self._tasks[label])
        )
        title = f"Quantum graph: {quanta_text(len(self._nodes))}"
        return Diagram(title=title, nodes=nodes, edges=edges)


def _required(data_id: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out of a data ID what the rest of it implies."""
    names = _required_names(tuple(data_id))
    return {name: data_id[name] for name in names}


@cache
def _required_names(names: tuple[str, ...]) -> tuple[str, ...]:
    try:
        # The one of this installation: that in the file could name classes to import.
        return tuple(DimensionUniverse().conform(names).required)
    except LookupError:
        return names


def _producers(task: dict[str, Any]) -> list[str]:
    return sorted({str(producer) for producer, _ in task["inputs"]} - {_FROM_OUTSIDE})


def _in_order(tasks: dict[str, dict[str, Any]]) -> list[str]:
    """Sort tasks so that each comes after those that it needs."""
    order = TopologicalSorter(
        {label: _producers(task) for label, task in sorted(tasks.items())}
    ).static_order()
    return [label for label in order if label in tasks]


def _facts(metadata: dict[str, Any]) -> list[list[str]]:
    facts = {
        "repository": metadata.get("butler_argument"),
        "output run": metadata.get("output_run"),
        "output": metadata.get("output"),
        "inputs": listing(map(str, metadata.get("input") or ())),
        "data query": metadata.get("data_query"),
        "built": str(metadata.get("time") or "")[:19],
        "built by": metadata.get("user"),
    }
    return [[name, str(value)] for name, value in facts.items() if value]

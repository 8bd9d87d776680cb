"""Quantum graphs: where they read and write, a picture, and a table of tasks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from jupyter_mpexec.display import html
from jupyter_mpexec.display.diagram_html import diagram_bundle

from .graph_view import GraphView, graph_view
from .pipeline import task_class
from .pipeline_nodes import task_dimensions
from .quantum_graph_diagram import quantum_graph_diagram
from .wording import quanta_text

__all__ = ["quantum_graph_bundle"]


def quantum_graph_bundle(graph: Any, *, facts: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """Show a quantum graph of any size.

    Parameters
    ----------
    graph
        See `quantum_graph_diagram`.
    facts
        Names and values to show before what the graph itself tells.
    """
    view = graph_view(graph)
    diagram = quantum_graph_diagram(view)
    pairs = [(name, value) for name, value in (*facts, *view.facts) if value]
    text = "\n".join([diagram.title, *_task_lines(view), *(f"{name}: {value}" for name, value in pairs)])
    return diagram_bundle(diagram, html.definition_list(pairs), _task_table(view), text=text)


def _task_lines(view: GraphView) -> Iterator[str]:
    width = max(map(len, view.totals), default=0)
    for label, total in view.totals.items():
        dimensions = task_dimensions(view.pipeline_graph.tasks[label])
        yield f"  {label:{width}}  {quanta_text(total)} of {dimensions}"


def _task_table(view: GraphView) -> html.Html:
    tasks = view.pipeline_graph.tasks
    rows = [
        (label, task_class(tasks[label].task_class_name), task_dimensions(tasks[label]), f"{total:,}")
        for label, total in view.totals.items()
    ]
    heads: list[html.Column | str] = ["task", "class", "dimensions", html.Column("quanta", numeric=True)]
    return html.details("Quanta by task", html.table(heads, rows, caption="Tasks"))

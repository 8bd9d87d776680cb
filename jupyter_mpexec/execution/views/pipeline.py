"""Pipelines and pipeline graphs: a picture, with tables of tasks, dataset types and subsets folded below."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from jupyter_mpexec.diagram import Diagram
from jupyter_mpexec.display import formats, html
from jupyter_mpexec.display.diagram_html import diagram_bundle

from .pipeline_diagram import is_too_large, pipeline_diagram
from .pipeline_nodes import task_dimensions
from .wording import listing, short_class

if TYPE_CHECKING:
    from lsst.pipe.base import Pipeline
    from lsst.pipe.base.pipeline_graph import PipelineGraph

__all__ = ["pipeline_bundle", "pipeline_graph_bundle", "show_pipeline", "task_class"]


def pipeline_bundle(pipeline: Pipeline) -> dict[str, Any]:
    """Show a pipeline; its tasks are imported, so that their connections are known."""
    return show_pipeline(pipeline, pipeline.to_graph)


def pipeline_graph_bundle(
    pipeline_graph: PipelineGraph, *, text: Sequence[str] = (), parts: Sequence[html.Html] = ()
) -> dict[str, Any]:
    """Show a pipeline graph, resolved or not, with more about it; see `show_pipeline`."""
    diagram = pipeline_diagram(pipeline_graph)
    if is_too_large(diagram.nodes, diagram.edges):
        note = f"{diagram.title} are too many to draw: these are the tasks alone."
        diagram = pipeline_diagram(pipeline_graph, dataset_types=False)
        diagram = dataclasses.replace(diagram, notes=(note, *diagram.notes))
    lines = [diagram.title, *_task_lines(pipeline_graph, diagram), *text]
    return diagram_bundle(diagram, *parts, *_tables(pipeline_graph, diagram), text="\n".join(lines))


def show_pipeline(
    pipeline: Pipeline,
    make_graph: Callable[[], PipelineGraph],
    *,
    text: Sequence[str] = (),
    parts: Sequence[html.Html] = (),
) -> dict[str, Any]:
    """Show a pipeline with more about it.

    Parameters
    ----------
    pipeline
        Shown as YAML if there is no graph of it: what is broken is still something that one wants to look at.
    make_graph
        Makes the graph, or raises.
    text
        Lines that follow the text.
    parts
        HTML that follows the picture.
    """
    try:
        graph = make_graph()
    except Exception as error:
        return _broken(pipeline, error, text, parts)
    return pipeline_graph_bundle(graph, text=text, parts=parts)


def task_class(name: str) -> html.Html:
    """Write the name of a task's class, its module on hover."""
    return html.tag("span", short_class(name), title=name)


def _task_lines(graph: PipelineGraph, diagram: Diagram) -> Iterator[str]:
    """Write a line a task: its dimensions, what it reads and what it makes of it."""
    tasks = [graph.tasks[node.label] for node in diagram.nodes if node.kind == "task"]
    width = max((len(task.label) for task in tasks), default=0)
    for task in tasks:
        inputs = sorted({edge.dataset_type_name for edge in task.iter_all_inputs()})
        outputs = sorted({edge.dataset_type_name for edge in task.outputs.values()})
        links = f"{listing(inputs, 4) or 'nothing'} → {listing(outputs, 4) or 'nothing'}"
        yield f"  {task.label:{width}}  ({task_dimensions(task)})  {links}"


def _tables(graph: PipelineGraph, diagram: Diagram) -> list[html.Html]:
    shown = [graph.tasks[node.label] for node in diagram.nodes if node.kind == "task"]
    tasks = [(task.label, task_class(task.task_class_name), task_dimensions(task)) for task in shown]
    types = [
        (node.label, *node.lines, *(dict(node.details).get(name, "") for name in ("role", "read by")))
        for node in diagram.nodes
        if node.kind == "dataset_type"
    ]
    subsets = [
        (label, listing([task for task in graph.tasks if task in subset], 20), subset.description)
        for label, subset in sorted(graph.task_subsets.items())
    ]
    return [
        *_folded("task", ["task", "class", "dimensions"], tasks),
        *_folded("dataset type", ["dataset type", "storage class", "dimensions", "role", "read by"], types),
        *_folded("subset", ["subset", "tasks", "description"], subsets),
    ]


def _folded(noun: str, heads: list[str], rows: Sequence[tuple[object, ...]]) -> list[html.Html]:
    if not rows:
        return []
    table = html.table(heads, rows, caption=f"{noun.capitalize()}s")
    return [html.details(formats.plural(len(rows), noun), table)]


def _broken(
    pipeline: Pipeline, error: Exception, text: Sequence[str], parts: Sequence[html.Html]
) -> dict[str, Any]:
    labels = list(pipeline.task_labels)
    reason = f"{type(error).__name__}: {error}"
    title = f"Pipeline of {formats.plural(len(labels), 'task')}, not drawn"
    lines = [title, f"tasks: {listing(labels, 20)}", reason, *text]
    source = html.details(
        "Pipeline as YAML", html.code(str(pipeline), label="Pipeline as YAML"), open=len(labels) < 10
    )
    page = html.page(html.heading(title), html.paragraph(reason), *parts, source)
    return html.bundle("\n".join(lines), page)

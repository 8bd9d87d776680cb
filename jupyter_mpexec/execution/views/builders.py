"""Our builders and what they build."""

from __future__ import annotations

import dataclasses
import shlex
from typing import TYPE_CHECKING, Any

from lsst.pipe.base.pipeline_graph import PipelineGraph

from jupyter_mpexec.display import formats, html
from jupyter_mpexec.errors import JupyterMpexecError
from jupyter_mpexec.execution.repository import repository_uri

from .pipeline import pipeline_graph_bundle, show_pipeline
from .quantum_graph import quantum_graph_bundle
from .wording import value_text

if TYPE_CHECKING:
    from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
    from jupyter_mpexec.execution.graph_builder import GraphBuilder
    from jupyter_mpexec.execution.graph_options import GraphOptions
    from jupyter_mpexec.execution.pipeline_builder import PipelineBuilder

__all__ = ["built_graph_bundle", "graph_builder_bundle", "pipeline_builder_bundle"]


def pipeline_builder_bundle(builder: PipelineBuilder) -> dict[str, Any]:
    """Show the pipeline as it is now, what was done to it, and the options of `pipetask` that do the same."""
    actions = [action.text for action in builder.actions]
    text = [f"{number:3}. {action}" for number, action in enumerate(actions, 1)]
    parts = []
    if actions:
        parts.append(html.details(formats.plural(len(actions), "action"), html.items(actions), open=True))
    try:
        words = shlex.join(builder.options())
    except JupyterMpexecError:
        words = ""
    if words:
        parts.append(html.definition_list([("pipetask options", html.tag("code", words))]))
    return show_pipeline(
        builder.pipeline,
        builder.pipeline_graph,
        text=["", "Actions", *text] if text else [],
        parts=parts,
    )


def graph_builder_bundle(builder: GraphBuilder) -> dict[str, Any]:
    """Show the pipeline of a graph that is not built yet, and the options that it will be built with."""
    facts = [("repository", repository_uri(builder.butler)), *_given(builder.options)]
    text = ["", "To be built with", *(f"  {name}: {value}" for name, value in facts)]
    parts = [
        html.paragraph("No quantum graph yet: build() makes it."),
        html.definition_list((name, html.tag("code", value)) for name, value in facts),
    ]
    pipeline = builder.pipeline
    if isinstance(pipeline, PipelineGraph):
        return pipeline_graph_bundle(pipeline, text=text, parts=parts)
    return show_pipeline(pipeline.pipeline, pipeline.pipeline_graph, text=text, parts=parts)


def built_graph_bundle(built: BuiltQuantumGraph) -> dict[str, Any]:
    """Show a quantum graph and where it belongs; one that is not put together yet stays so."""
    return quantum_graph_bundle(built, facts=[("repository", built.repository_uri)])


def _given(options: GraphOptions) -> list[tuple[str, str]]:
    """List the options that are not at their defaults."""
    return [
        (field.name, _words(getattr(options, field.name)))
        for field in dataclasses.fields(options)
        if getattr(options, field.name) != _default(field)
    ]


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _words(value: object) -> str:
    if isinstance(value, tuple) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return value if isinstance(value, str) else value_text(value)

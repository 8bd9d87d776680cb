"""A diagram in an output as data, which our extension of JupyterLab draws so that it answers clicks.

It goes beside text, HTML and SVG: whoever does not know it shows one of those.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jupyter_mpexec.diagram import Diagram, Node

from .scene import Scene, make_scene

__all__ = ["GRAPH_TYPE", "MOST_BYTES", "graph_output", "with_graph"]

GRAPH_TYPE = "application/vnd.jupyter-mpexec.graph+json"
"""Mime type of the data."""

MOST_BYTES = 200_000
"""Bytes that all forms of a diagram may have together: notebooks should stay small."""

_VERSION = 1
_LARGEST = 100_000
_WIDTH, _HEIGHT = 900.0, 760.0
"""Size of a view in an output, roughly; the height is that in ``labextension/src/lab/mime.ts``."""
_RANDOM = "quantum ID"
"""A detail of nodes that is another one whenever a graph is built: what a notebook stores should stay the same."""


def with_graph(forms: Mapping[str, Any], diagram: Diagram, engine: str | None = None) -> dict[str, Any]:
    """Add a diagram as data to its other forms, if there is room.

    Parameters
    ----------
    forms
        Mime types to content.
    diagram
        What they show.
    engine
        See `scene.make_scene`.
    """
    room = MOST_BYTES - sum(len(form.encode()) for form in forms.values())
    scene = graph_output(diagram, engine=engine)
    # As one text: a notebook file would have a line for each of its numbers.
    data = json.dumps(scene, separators=(",", ":"))
    if scene is None or len(data.encode()) > min(room, _LARGEST):
        return dict(forms)
    return {**forms, GRAPH_TYPE: {"version": _VERSION, "scene": data}}


def graph_output(diagram: Diagram, *, engine: str | None = None) -> dict[str, Any] | None:
    """Lay out a diagram as it is stored in notebooks: whole pixels, and nothing that is empty or false.

    Returns
    -------
    data
        A scene; None if there is nothing to draw.
    """
    if not diagram.nodes:
        return None
    nodes = tuple(_without_random(node) for node in diagram.nodes)
    diagram = replace(diagram, nodes=nodes)
    scenes = [make_scene(diagram, direction=direction, engine=engine) for direction in ("down", "right")]
    scene = max(scenes, key=_scale)
    stored: dict[str, Any] = _lean(scene)
    return stored if scene["nodes"] else None


def _scale(scene: Scene) -> float:
    """Return how large a scene is when an output shows all of it."""
    return min(_WIDTH / max(1.0, scene["width"]), _HEIGHT / max(1.0, scene["height"]))


def _without_random(node: Node) -> Node:
    return replace(node, details=tuple(detail for detail in node.details if detail[0] != _RANDOM))


def _lean(value: Any) -> Any:
    if isinstance(value, Mapping):
        lean = {key: _lean(part) for key, part in value.items()}
        return {key: part for key, part in lean.items() if part or (part == 0 and part is not False)}
    if isinstance(value, list):
        return [_lean(part) for part in value]
    return round(value) if isinstance(value, float) else value

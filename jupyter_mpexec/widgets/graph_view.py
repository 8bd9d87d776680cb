"""A pipeline graph, or the quanta around one, coloured live by status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import traitlets

from jupyter_mpexec.display.scene import Scene
from jupyter_mpexec.status import QuantumStatus

from .live_view import LiveView

__all__ = ["GraphView"]

EMPTY: Scene = {
    "title": "Nothing to draw",
    "description": "",
    "width": 0,
    "height": 0,
    "nodes": [],
    "edges": [],
    "clusters": [],
    "notes": [],
}


class GraphView(LiveView):
    """A graph to look at, pan, zoom and search, with live counts and a progress bar on each task.

    Selecting a node also marks everything upstream and downstream of it, which the browser works out by itself.

    Parameters
    ----------
    scene
        What `jupyter_mpexec.display.scene.make_scene` gave; a new one may be assigned later, which starts again with
        the counts that it has.
    label
        What the graph is of, for people who do not see it.
    height
        Height in CSS pixels.

    Attributes
    ----------
    scene : `dict`
        The laid out diagram.
    selected : `str`
        ID of the selected node, or an empty string. Observe it to follow clicks; assign it to select.

    Examples
    --------
    .. code-block:: python

        view = GraphView(make_scene(diagram))
        view.observe(lambda change: queue.put(change.new), "selected")
        view.set_counts({"isr": {"succeeded": 8, "failed": 1, "pending": 3}})
    """

    _kind = "graph"

    scene = traitlets.Dict(help="The laid out diagram.").tag(sync=True)
    selected = traitlets.Unicode(help="ID of the selected node, or an empty string.").tag(sync=True)

    def __init__(
        self, scene: Scene | None = None, *, label: str = "Pipeline graph", height: int = 440, **traits: Any
    ) -> None:
        self._counts: dict[str, dict[str, int]] = {}
        super().__init__(label=label, height=height, scene=dict(scene or EMPTY), **traits)

    @traitlets.observe("scene")
    def _start_again(self, _change: Any) -> None:
        with self._lock:
            self._counts = {node["id"]: dict(node["counts"]) for node in self.scene["nodes"]}
            if self.selected and self.selected not in self._counts:
                self.selected = ""
            self.keyframe()

    def set_counts(self, counts: Mapping[str, Mapping[QuantumStatus, int] | Mapping[str, int]]) -> None:
        """Set how many quanta of a node are in which state; only what differs is sent.

        Parameters
        ----------
        counts
            By node ID, and then by status. States that are left out have no quanta. Nodes that are left out stay as
            they are. For a node that is one quantum, give its status with the number 1.
        """
        with self._lock:
            changed = {}
            for node, by_status in counts.items():
                new = {QuantumStatus(status).value: n for status, n in by_status.items() if n}
                if node in self._counts and self._counts[node] != new:
                    self._counts[node] = changed[node] = new
            if changed:
                self._publish({"counts": changed})

    def search(self, text: str) -> None:
        """Mark the nodes that have a text in their name, and show the first; an empty text ends it."""
        self.send({"kind": "search", "text": text})

    def fit(self) -> None:
        """Show the whole graph."""
        self.send({"kind": "fit"})

    def _whole(self) -> dict[str, Any]:
        return {"counts": {node: dict(counts) for node, counts in self._counts.items()}}

    def _plain_text(self) -> str:
        return self.scene["title"] or self.label

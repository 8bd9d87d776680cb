"""The quantum graph around the selected quantum."""

from __future__ import annotations

import ipywidgets

from jupyter_mpexec.diagram import Diagram, Edge, Node
from jupyter_mpexec.display import formats
from jupyter_mpexec.display.html import paragraph
from jupyter_mpexec.display.scene import make_scene
from jupyter_mpexec.watch.neighbourhood import Neighbourhood, neighbourhood
from jupyter_mpexec.watch.watched_run import WatchedRun

from .canvas import GraphView
from .panel_context import PanelContext
from .selection import Selection

__all__ = ["NeighboursPane", "neighbourhood_diagram"]

_PREFIX = "quantum:"

_UNKNOWN = "Prerequisites and dependents are in the quantum graph, which cannot be read."


class NeighboursPane:
    """Prerequisites and dependents of the selected quantum, some steps far.

    Parameters
    ----------
    context
        The run.
    selection
        What is selected in the panel.
    """

    def __init__(self, context: PanelContext, selection: Selection) -> None:
        self._context = context
        self._selection = selection
        self._around: Neighbourhood | None = None
        self._centre = -1
        self._hops = ipywidgets.Dropdown(
            options=range(1, 6), description="Steps", style={"description_width": "initial"},
            tooltip="How far away quanta may be that are shown", layout={"width": "110px"},
        )  # fmt: skip
        self._hops.observe(lambda _: self._context.commands.do(self._draw), "value")
        self.view = GraphView(label="Quanta around the selected one", height=300)
        self.view.observe(self._clicked, "selected")
        self._remark = ipywidgets.HTML("")
        self.widget = ipywidgets.VBox([self._hops, self._remark, self.view])

    def _clicked(self, change: dict[str, str]) -> None:
        if change["new"].startswith(_PREFIX):
            self._selection.select_quantum(int(change["new"].removeprefix(_PREFIX)))

    def fill(self, position: int) -> None:
        """Draw the surroundings of a quantum; where they are drawn already, colour them anew."""
        watched = self._context.watched
        if position != self._centre:
            self._centre = position
            self._draw()
        elif watched is not None and self._around is not None:
            self.note(watched, set(self._around.distances))

    def note(self, watched: WatchedRun, changed: set[int]) -> None:
        """Colour the quanta that have changed."""
        if self._around is not None:
            inside = changed.intersection(self._around.distances)
            if inside:
                self.view.set_counts({f"{_PREFIX}{p}": {watched.status(p): 1} for p in inside})

    def _draw(self) -> None:
        watched = self._context.watched
        if watched is None or self._centre < 0:
            return
        self._around = neighbourhood(watched.catalogue, self._centre, hops=self._hops.value)
        if self._context.graph_error is not None:
            self._remark.value = str(paragraph(_UNKNOWN))
        self.view.scene = dict(make_scene(neighbourhood_diagram(watched, self._around)))
        self.view.selected = f"{_PREFIX}{self._centre}"
        self.view.fit()


def neighbourhood_diagram(watched: WatchedRun, around: Neighbourhood) -> Diagram:
    """Make a diagram of a part of the quantum graph."""
    catalogue = watched.catalogue
    data_ids = {position: catalogue.data_id(position) for position in around.distances}
    first = data_ids[around.centre]
    common = {
        name
        for name, value in first.items()
        if all(data_id.get(name, value) == value for data_id in data_ids.values())
    }
    nodes = []
    for position in sorted(around.distances):
        data_id = data_ids[position]
        own = {name: value for name, value in data_id.items() if name not in common}
        text = formats.data_id(data_id)
        nodes.append(
            Node(
                id=f"{_PREFIX}{position}",
                label=catalogue.task(position).label,
                kind="quantum",
                lines=(formats.data_id(own or data_id),) if data_id else (),
                details=(("data ID", text),),
                status=watched.status(position),
            )
        )
    edges = [Edge(source=f"{_PREFIX}{before}", target=f"{_PREFIX}{after}") for before, after in around.links]
    left_out = formats.plural(around.left_out, "neighbour")
    return Diagram(
        title=f"Around {catalogue.name(around.centre)}",
        description=f"{len(nodes)} quanta.",
        nodes=tuple(nodes),
        edges=tuple(edges),
        notes=(f"{left_out} left out.",) if around.left_out else (),
    )

"""Which clusters can stand below which as a whole: pipelines read best as bands, one step after the other."""

from __future__ import annotations

from typing import Any

from jupyter_mpexec.display.layout import Sketch

__all__ = ["acyclic_graph", "bands"]


def acyclic_graph(sketch: Sketch) -> Any:
    """Make a ``networkx.DiGraph`` of the links, without those that close a cycle."""
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(sketch.sizes)
    edges = [(link.source, link.target) for link in sketch.links if link.source != link.target]
    graph.add_edges_from(edges)
    if not nx.is_directed_acyclic_graph(graph):
        graph.remove_edges_from(edges)
        for source, target in dict.fromkeys(edges):
            if not nx.has_path(graph, target, source):
                graph.add_edge(source, target)
    return graph


def bands(sketch: Sketch) -> list[tuple[int, int]]:
    """List pairs of groups of which the first comes above the second as a whole.

    They are those where the second reads from the first, as far as no cycle results; what follows from the
    other pairs is left out.
    """
    import networkx as nx

    graph = acyclic_graph(sketch)
    home = {node: index for index, members in enumerate(sketch.groups) for node in members}
    found = dict.fromkeys(
        (home[source], home[target])
        for source, target in graph.edges
        if source in home and target in home and home[source] != home[target]
    )
    for index, members in enumerate(sketch.groups):
        graph.add_edges_from((("top", index), node) for node in members)
        graph.add_edges_from((node, ("bottom", index)) for node in members)
    above = nx.DiGraph()
    for upper, lower in found:
        if not nx.has_path(graph, ("top", lower), ("bottom", upper)):
            graph.add_edge(("bottom", upper), ("top", lower))
            above.add_edge(upper, lower)
    return list(nx.transitive_reduction(above).edges)

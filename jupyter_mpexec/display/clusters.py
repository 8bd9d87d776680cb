"""Which nodes are drawn inside which cluster."""

from __future__ import annotations

from jupyter_mpexec.diagram import Diagram

__all__ = ["cluster_members"]


def cluster_members(diagram: Diagram) -> tuple[tuple[str, ...], ...]:
    """Divide the nodes among the clusters.

    A node is in the first cluster that names it. A dataset that no cluster names goes with the task that
    makes it: a subset is a set of tasks, and a frame that shut their outputs out would be crossed by every
    arrow.

    Returns
    -------
    members
        IDs of the nodes of each cluster, in the diagram's order.
    """
    home: dict[str, int] = {}
    for index, cluster in enumerate(diagram.clusters):
        for node_id in cluster.nodes:
            home.setdefault(node_id, index)
    free = {node.id for node in diagram.nodes if node.kind in ("dataset_type", "dataset")} - set(home)
    for edge in diagram.edges:
        if edge.target in free and edge.source in home:
            home.setdefault(edge.target, home[edge.source])
    members: list[list[str]] = [[] for _ in diagram.clusters]
    for node in diagram.nodes:
        if node.id in home:
            members[home[node.id]].append(node.id)
    return tuple(tuple(ids) for ids in members)

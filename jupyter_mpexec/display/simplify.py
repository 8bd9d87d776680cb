"""Smaller versions of diagrams that are too large to be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from jupyter_mpexec.diagram import Cluster, Diagram, Edge

__all__ = ["smaller", "without_datasets", "without_words"]

_DATA = ("dataset_type", "dataset")


def smaller(diagram: Diagram, most: int) -> Iterator[Diagram]:
    """Give a diagram and then ever smaller versions of it, all of at most so many nodes and arrows."""
    versions = [diagram]
    kinds = {node.kind for node in diagram.nodes}
    if kinds & set(_DATA) and kinds - set(_DATA):
        versions.append(without_datasets(diagram))
    small = [version for version in versions if len(version.nodes) + len(version.edges) <= most]
    yield from small
    if small:
        yield without_words(small[-1])


def without_words(diagram: Diagram) -> Diagram:
    """Take all texts out but the names of the nodes."""
    nodes = tuple(replace(node, lines=(), details=()) for node in diagram.nodes)
    return replace(diagram, nodes=nodes, edges=tuple(replace(edge, label="") for edge in diagram.edges))


def without_datasets(diagram: Diagram) -> Diagram:
    """Take datasets out, and join the tasks or quanta that write and read them.

    An arrow then carries the name of the dataset that it stands for, or how many they are.
    """
    kinds = {node.id: node.kind for node in diagram.nodes}
    labels = {node.id: node.label for node in diagram.nodes}
    writers: dict[str, list[str]] = {}
    for edge in diagram.edges:
        if kinds.get(edge.target) in _DATA:
            writers.setdefault(edge.target, []).append(edge.source)
    direct: list[Edge] = []
    through: dict[tuple[str, str], list[Edge]] = {}
    for edge in diagram.edges:
        if kinds.get(edge.source) in _DATA and kinds.get(edge.target) not in _DATA:
            for writer in writers.get(edge.source, ()):
                if kinds.get(writer) not in _DATA:
                    through.setdefault((writer, edge.target), []).append(edge)
        elif kinds.get(edge.source) not in _DATA and kinds.get(edge.target) not in _DATA:
            direct.append(edge)
    noun = "dataset types" if "dataset_type" in kinds.values() else "datasets"
    joined = [
        Edge(
            source=writer,
            target=reader,
            label=labels[reads[0].source] if len(reads) == 1 else f"{len(reads)} {noun}",
            prerequisite=all(edge.prerequisite for edge in reads),
        )
        for (writer, reader), reads in through.items()
    ]
    kept = tuple(node for node in diagram.nodes if node.kind not in _DATA)
    known = {node.id for node in kept}
    clusters = tuple(
        Cluster(label=c.label, nodes=tuple(i for i in c.nodes if i in known), description=c.description)
        for c in diagram.clusters
    )
    return replace(diagram, nodes=kept, edges=(*direct, *joined), clusters=clusters)

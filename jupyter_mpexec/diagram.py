"""A picture as data: nodes, edges and clusters, before anything is laid out or drawn.

Execution turns pipelines and quantum graphs into a `Diagram`; display turns a `Diagram` into SVG, HTML or text. Neither
knows the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .status import QuantumStatus

__all__ = ["Cluster", "Diagram", "Edge", "Node", "NodeKind"]

NodeKind = Literal["task", "dataset_type", "quantum", "dataset"]


@dataclass(frozen=True, kw_only=True)
class Node:
    """A box.

    Parameters
    ----------
    id
        Unique within the diagram, and the same each time the same thing is drawn.
    label
        The first, bold line.
    kind
        What it stands for; decides shape and colour.
    lines
        Further lines inside the box, such as dimensions or a storage class.
    details
        Name and value pairs shown on hover and in the text form.
    counts
        Number of quanta by status, for a node that stands for many.
    status
        State, for a node that stands for one quantum.
    init
        It belongs to task construction (init-inputs and init-outputs).
    """

    id: str
    label: str
    kind: NodeKind
    lines: tuple[str, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    counts: Mapping[QuantumStatus, int] = field(default_factory=dict)
    status: QuantumStatus | None = None
    init: bool = False


@dataclass(frozen=True, kw_only=True)
class Edge:
    """An arrow from one node to another.

    Parameters
    ----------
    source, target
        IDs of the nodes.
    label
        Text beside the arrow.
    prerequisite
        A prerequisite input: drawn dashed.
    """

    source: str
    target: str
    label: str = ""
    prerequisite: bool = False


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A frame around nodes, such as a labelled subset of a pipeline.

    A node is drawn in the first cluster that names it.
    """

    label: str
    nodes: tuple[str, ...]
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Diagram:
    """Everything that a drawing needs.

    Parameters
    ----------
    title
        One line: what this is a picture of.
    description
        A sentence or two for people who cannot see the picture.
    nodes, edges, clusters
        The content, in a stable order.
    notes
        Remarks below the picture, such as what was left out.
    """

    title: str
    description: str = ""
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    notes: tuple[str, ...] = ()

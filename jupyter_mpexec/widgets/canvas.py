"""The live views that are drawn in the browser."""

from __future__ import annotations

from .assets import MissingViewsError, views_are_built
from .graph_view import GraphView
from .quantum_grid import QuantumGrid
from .quantum_rows import QuantumRows
from .timeline import Bar, Timeline

__all__ = [
    "Bar",
    "GraphView",
    "MissingViewsError",
    "QuantumGrid",
    "QuantumRows",
    "Timeline",
    "views_are_built",
]

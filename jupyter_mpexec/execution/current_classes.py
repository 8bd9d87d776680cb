"""Task classes that were mended since a graph was built."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

from lsst.pipe.base.pipeline_graph import TaskNode
from lsst.utils.doImport import doImport

from .built_graph import BuiltQuantumGraph
from .graph_file import read_graph
from .repository import open_butler

__all__ = ["with_current_classes"]


def with_current_classes(built: BuiltQuantumGraph) -> BuiltQuantumGraph:
    """Get a graph whose tasks are made from the classes as they are now.

    A reloaded module, or a notebook cell that was run again, leaves the graph with the class as it was before. A graph
    finds its classes by name when it is read, so it is written and read once, if a class has changed.
    """
    if not any(map(_is_stale, built.pipeline_graph.tasks.values())):
        return built
    with tempfile.TemporaryDirectory() as folder, open_butler(built.repository) as butler:
        file = Path(folder) / "graph.qg"
        built.components.write(str(file))
        return dataclasses.replace(built, components=read_graph(file, butler))


def _is_stale(node: TaskNode) -> bool:
    try:
        return doImport(node.task_class_name) is not node.task_class
    except ImportError:
        # There is no other one to be had.
        return False

"""The graph of a run as its journal knows it, where the graph itself cannot be read any more."""

from __future__ import annotations

from jupyter_mpexec.diagram import Diagram, Edge, Node
from jupyter_mpexec.errors import JupyterMpexecError
from jupyter_mpexec.report import RunReport

from . import formats

__all__ = ["graph_is_missing", "reported_diagram"]


def graph_is_missing(error: Exception) -> str:
    """Say that the graph cannot be read, and what is therefore not shown.

    Parameters
    ----------
    error
        What reading it raised.
    """
    reason = error.message if isinstance(error, JupyterMpexecError) else f"{type(error).__name__}: {error}."
    return (
        f"The quantum graph of this run cannot be read. {reason} What is shown comes from the journal of the run. "
        "Not shown are data IDs of quanta that have not begun (they are only counted), and inputs, outputs and "
        "prerequisites of quanta."
    )


def reported_diagram(report: RunReport) -> Diagram:
    """Draw the tasks of a run with the states of their quanta."""
    tasks = report.tasks
    nodes = tuple(
        Node(id=f"task:{task.label}", label=task.label, kind="task", counts=dict(task.counts))
        for task in tasks
    )
    needs = report.started.dependencies if report.started is not None else {}
    labels = {task.label for task in tasks}
    edges = tuple(
        Edge(source=f"task:{before}", target=f"task:{label}")
        for label, several in needs.items()
        for before in several
        if label in labels and before in labels
    )
    quanta = formats.plural(report.total, "quantum", "quanta")
    return Diagram(
        title=f"Quantum graph: {quanta} of {formats.plural(len(tasks), 'task')}",
        description="Tasks as the journal of the run names them.",
        nodes=nodes,
        edges=edges,
    )

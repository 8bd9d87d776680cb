"""A run: its report, and its graph as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mpexec.display import html
from jupyter_mpexec.display.diagram_html import legend
from jupyter_mpexec.display.picture import picture_figure
from jupyter_mpexec.display.report_page import report_html
from jupyter_mpexec.display.report_text import report_text
from jupyter_mpexec.display.reported_graph import graph_is_missing, reported_diagram
from jupyter_mpexec.display.svg import draw

from .quantum_graph_diagram import quantum_graph_diagram

if TYPE_CHECKING:
    from jupyter_mpexec.execution.run import Run

__all__ = ["run_bundle"]


def run_bundle(run: Run) -> dict[str, str]:
    """Show the report of a run, with the graph coloured by the states of its quanta."""
    note = ""
    try:
        graph = run.graph
    except Exception as error:  # whatever is wrong with the file: the journal knows nearly all of this
        note, diagram = graph_is_missing(error), reported_diagram(run.report)
    else:
        statuses = {quantum_id: record.status for quantum_id, record in list(run.report.quanta.items())}
        diagram = quantum_graph_diagram(graph, statuses=statuses, max_nodes=0)
    picture = html.details(
        "The graph, with the states of its quanta",
        picture_figure(draw(diagram), label=diagram.title),
        legend(diagram),
    )
    parts = [html.paragraph(note), picture] if note else [picture]
    text = report_text(run.report)
    return html.bundle(f"{text}\n\n{note}" if note else text, report_html(run.report, *parts))

"""A diagram as Jupyter shows it: picture, legend, remarks and a version in words."""

from __future__ import annotations

from typing import Any

from jupyter_mpexec.diagram import Diagram
from jupyter_mpexec.status import QuantumStatus

from .graph_output import with_graph
from .html import Html, badge, bundle, code, details, heading, items, page, paragraph, tag
from .picture import picture_figure
from .status_style import READING_ORDER
from .svg import draw, standalone
from .text import to_text

__all__ = ["diagram_bundle", "legend"]

LARGEST_SVG = 60_000
"""Length beyond which a picture is stored once only, inside the HTML: notebooks should stay small."""

LONGEST_WORDS = 16_000
"""Length beyond which a page does not have the diagram in words too: it is the plain text of the same output."""


def diagram_bundle(
    diagram: Diagram, *parts: object, text: str = "", engine: str | None = None
) -> dict[str, Any]:
    """Make all forms of a diagram for ``_repr_mimebundle_``.

    Parameters
    ----------
    diagram
        What to show, under its title.
    parts
        Further HTML, below the picture and its notes.
    text
        Plain text for terminals, where the diagram in words would be too long.
    engine
        See `svg.to_svg`.

    Returns
    -------
    bundle
        MIME types to content: text, HTML and, unless they are very large, SVG and `graph_output.GRAPH_TYPE`. All
        together stay below 200 kB (without `parts`).
    """
    words = to_text(diagram)
    about = f"{diagram.title}. {diagram.description}" if diagram.description else diagram.title
    picture = draw(diagram, engine=engine)
    html = page(
        heading(diagram.title),
        paragraph(diagram.description, muted=True) if diagram.description else "",
        picture_figure(picture, label=about),
        legend(diagram),
        items(diagram.notes) if diagram.notes else "",
        *parts,
        details("The same in words", code(words, label="Diagram in words"))
        if len(words) <= LONGEST_WORDS
        else "",
    )
    # A file of its own is larger than the picture in the page.
    svg = standalone(picture) if len(picture) <= LARGEST_SVG else ""
    forms = bundle(text or words, html, svg if 0 < len(svg) <= LARGEST_SVG else None)
    return with_graph(forms, diagram, engine)


def legend(diagram: Diagram) -> Html:
    """Explain the shapes and states that a diagram has, and no others."""
    kinds = {node.kind for node in diagram.nodes}
    entries: list[Html] = []
    if kinds & {"dataset_type", "dataset"}:
        if kinds & {"task", "quantum"}:
            entries.append(_shape("task", 2, "task" if "task" in kinds else "quantum"))
        entries.append(_shape("dataset", 7, "dataset type" if "dataset_type" in kinds else "dataset"))
    if any(node.init for node in diagram.nodes):
        entries.append(_shape("dataset jmpx-init", 7, "needed or made when tasks are constructed"))
    if any(edge.prerequisite for edge in diagram.edges):
        arrow = Html('<g class="jmpx-link jmpx-pre"><path d="M0 8H26"/></g>')
        entries.append(_entry(arrow, "prerequisite input"))
    states = {node.status for node in diagram.nodes if node.status is not None}
    for node in diagram.nodes:
        if any(status is not QuantumStatus.PENDING for status in node.counts):
            states.update(status for status, count in node.counts.items() if count)
    entries += [tag("li", badge(status)) for status in READING_ORDER if status in states]
    return tag("ul", *entries, class_="jmpx-legend") if entries else Html("")


def _shape(css: str, radius: int, words: str) -> Html:
    box = tag("rect", x=1, y=1, width=24, height=14, rx=radius, class_="jmpx-box")
    return _entry(tag("g", box, class_=f"jmpx-{css}"), words)


def _entry(drawing: Html, words: str) -> Html:
    picture = tag("svg", drawing, width=26, height=16, class_="jmpx-svg", aria_hidden="true")
    return tag("li", picture, words)

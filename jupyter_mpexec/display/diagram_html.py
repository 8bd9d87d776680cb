"""A diagram as Jupyter shows it: picture, legend, remarks and a version in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jupyter_mpexec.diagram import Diagram
from jupyter_mpexec.status import QuantumStatus

from .graph_output import with_graph
from .html import Html, badge, bundle, code, details, heading, items, page, paragraph, tag
from .picture import picture_figure
from .status_style import READING_ORDER
from .svg import draw, standalone
from .text import to_text

__all__ = ["diagram_bundle", "diagram_html"]

LARGEST_SVG = 60_000
"""Bytes beyond which a picture is stored once only, inside the HTML: notebooks should stay small."""

LONGEST_WORDS = 25_000
"""Bytes beyond which a page has no version in words; it is the plain text of the same output."""


def diagram_bundle(
    diagram: Diagram, *parts: object, text: str = "", engine: str | None = None
) -> dict[str, Any]:
    """Make all forms of a diagram for ``_repr_mimebundle_``.

    Parameters
    ----------
    diagram
        What to show.
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
    picture = draw(diagram, engine=engine)
    words = to_text(diagram)
    svg = standalone(picture) if len(picture.encode()) <= LARGEST_SVG else None
    forms = bundle(text or words, _page(diagram, picture, words, parts), svg)
    return with_graph(forms, diagram, engine)


def diagram_html(diagram: Diagram, *parts: object, engine: str | None = None) -> str:
    """Write a diagram as HTML that needs no script and no other file; see `diagram_bundle`."""
    return _page(diagram, draw(diagram, engine=engine), to_text(diagram), parts)


def _page(diagram: Diagram, picture: Html, words: str, parts: Iterable[object]) -> str:
    about = f"{diagram.title}. {diagram.description}" if diagram.description else diagram.title
    in_words = code(words, label="Diagram in words")
    return page(
        heading(diagram.title),
        paragraph(diagram.description, muted=True) if diagram.description else "",
        picture_figure(picture, label=about),
        legend(diagram),
        items(diagram.notes) if diagram.notes else "",
        *parts,
        details("The same in words", in_words) if len(in_words.encode()) <= LONGEST_WORDS else "",
    )


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

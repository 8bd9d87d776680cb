"""A diagram as Jupyter shows it: picture, legend, remarks and a version in words."""

from __future__ import annotations

from jupyter_mpexec.diagram import Diagram
from jupyter_mpexec.status import QuantumStatus

from .html import Html, badge, bundle, code, details, figure, items, page, paragraph, tag
from .node_card import card
from .status_style import READING_ORDER
from .svg import draw, to_svg
from .text import to_text

__all__ = ["diagram_bundle", "diagram_html"]

LARGEST_SVG = 60_000
"""Length beyond which a picture is stored once only, inside the HTML: notebooks should stay small."""


def diagram_bundle(diagram: Diagram, *, engine: str | None = None) -> dict[str, str]:
    """Make all forms of a diagram for ``_repr_mimebundle_``.

    Parameters
    ----------
    diagram
        What to show.
    engine
        See `svg.to_svg`.

    Returns
    -------
    bundle
        MIME types to content: text, HTML and, unless it is very large, SVG.
    """
    svg = to_svg(diagram, engine=engine)
    return bundle(
        to_text(diagram), diagram_html(diagram, engine=engine), svg if len(svg) <= LARGEST_SVG else None
    )


def diagram_html(diagram: Diagram, *, engine: str | None = None) -> str:
    """Write a diagram as HTML that needs no script and no other file."""
    notes = items(diagram.notes) if diagram.notes else ""
    about = f"{diagram.title}. {diagram.description}" if diagram.description else diagram.title
    return page(
        tag("h3", diagram.title, class_="jmpx-h"),
        paragraph(diagram.description, muted=True) if diagram.description else "",
        figure(draw(diagram, engine=engine), label=about),
        legend(diagram),
        notes,
        details("The same in words", code(to_text(diagram), label="Diagram in words")),
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
        line = Html('<svg class="jmpx-svg jmpx-pre" width="26" height="14" aria-hidden="true">')
        line = Html(f'{line}<g class="jmpx-pre"><path class="jmpx-edge" d="M0 7H26"/></g></svg>')
        entries.append(tag("li", line, "prerequisite input"))
    states: set[QuantumStatus] = {state for node in diagram.nodes if (state := card(node).state)}
    for node in diagram.nodes:
        if any(status is not QuantumStatus.PENDING for status in node.counts):
            states.update(status for status, count in node.counts.items() if count)
    entries += [tag("li", badge(status)) for status in READING_ORDER if status in states]
    return tag("ul", *entries, class_="jmpx-legend") if entries else Html("")


def _shape(css: str, radius: int, words: str) -> Html:
    box = (
        f'<g class="jmpx-{css}"><rect class="jmpx-box" x="1" y="1" width="24" height="14" rx="{radius}"/></g>'
    )
    picture = Html(f'<svg class="jmpx-svg" width="26" height="16" aria-hidden="true">{box}</svg>')
    return tag("li", picture, words)

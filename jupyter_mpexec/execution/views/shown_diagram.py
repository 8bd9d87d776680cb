"""The bundle of a diagram that has more to say than its picture."""

from __future__ import annotations

from typing import Any

from jupyter_mpexec.diagram import Diagram
from jupyter_mpexec.display import html
from jupyter_mpexec.display.diagram_html import LARGEST_SVG, legend
from jupyter_mpexec.display.graph_output import with_graph
from jupyter_mpexec.display.picture import picture_figure
from jupyter_mpexec.display.svg import draw, standalone
from jupyter_mpexec.display.text import to_text

__all__ = ["show_diagram"]

LONGEST_WORDS = 16_000
"""Length beyond which a page does not have the diagram in words too: its tables say the same."""


def show_diagram(diagram: Diagram, *parts: html.Html, text: str = "") -> dict[str, Any]:
    """Show a diagram under its title.

    Parameters
    ----------
    diagram
        The picture.
    parts
        HTML that follows it.
    text
        Plain text for a terminal, where the diagram in words would be too long.

    Returns
    -------
    bundle
        Text, HTML and, unless they are very large, SVG and the graph as data.
    """
    words = to_text(diagram)
    about = f"{diagram.title}. {diagram.description}" if diagram.description else diagram.title
    in_words = html.details("The same in words", html.code(words, label="Diagram in words"))
    if len(words) > LONGEST_WORDS:
        in_words = html.Html("")
    picture = draw(diagram)
    page = html.page(
        html.heading(diagram.title),
        html.paragraph(diagram.description, muted=True) if diagram.description else "",
        picture_figure(picture, label=about),
        legend(diagram),
        html.items(diagram.notes) if diagram.notes else "",
        *parts,
        in_words,
    )
    # A file of its own is larger than the picture in the page.
    svg = standalone(picture) if len(picture) <= LARGEST_SVG else ""
    forms = html.bundle(text or words, page, svg if 0 < len(svg) <= LARGEST_SVG else None)
    return with_graph(forms, diagram)

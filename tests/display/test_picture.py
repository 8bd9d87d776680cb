"""Pictures where pages are cleaned."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

from jupyter_mpexec.diagram import Diagram, Node
from jupyter_mpexec.display import picture, stylesheet
from jupyter_mpexec.display.diagram_html import diagram_bundle

from .samples import pipeline


def test_one_of_two_copies_shows_with_the_style_sheet_and_the_other_without() -> None:
    page = diagram_bundle(pipeline())["text/html"]
    live = re.search(r'<div[^>]*class="jmpx-live"[^>]*>', page)
    assert live is not None
    assert " hidden" in live.group()
    assert page.index('class="jmpx-live"') < page.index("<svg")
    css = re.sub(r"\s", "", stylesheet.page_stylesheet())
    assert ".jmpx.jmpx-live[hidden]{display:block" in css
    assert ".jmpx.jmpx-still{display:none" in css


def test_the_image_is_the_whole_picture() -> None:
    diagram = Diagram(title="one", nodes=(Node(id="a", label="isr & co", kind="task"),))
    page = diagram_bundle(diagram)["text/html"]
    data = re.search(r'<img[^>]*src="data:image/svg\+xml;base64,([^"]*)"', page)
    assert data is not None
    svg = ElementTree.fromstring(base64.b64decode(data.group(1)))
    assert "isr & co" in "".join(svg.itertext())


def test_a_large_picture_is_stored_once() -> None:
    nodes = tuple(Node(id=str(n), label=f"task {n}" * 3, kind="task") for n in range(200))
    page = diagram_bundle(Diagram(title="many", nodes=nodes))["text/html"]
    assert len(page) > picture.LARGEST_STILL
    assert "data:image" not in page
    assert "shows when this notebook is trusted" in page

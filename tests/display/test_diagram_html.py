from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from jupyter_mpexec.diagram import Diagram, Edge, Node
from jupyter_mpexec.display.diagram_html import diagram_bundle, legend
from jupyter_mpexec.display.graph_output import GRAPH_TYPE
from jupyter_mpexec.display.html import tag

from .samples import collapsed, hostile, pipeline, random_diagram


class Page(HTMLParser):
    """Tags and attributes of a page; fails on tags that are not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.append((tag, dict(attrs)))

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("diagram", [pipeline(), collapsed(), hostile(), random_diagram(6)])
def test_bundles_have_all_forms_and_no_script(diagram):
    bundle = diagram_bundle(diagram, engine="layered")
    assert list(bundle) == ["text/plain", "text/html", "image/svg+xml", GRAPH_TYPE]
    tags = {name for name, _ in Page(bundle["text/html"]).seen}
    assert {"svg", "details", "figure", "style"} <= tags
    assert not tags & {"script", "iframe", "object"}
    assert not any(
        key.startswith("on") for _, attributes in Page(bundle["text/html"]).seen for key in attributes
    )
    assert bundle == diagram_bundle(diagram, engine="layered")


def test_ids_in_a_page_are_unique():
    page = Page(diagram_bundle(pipeline())["text/html"])
    ids = [attributes["id"] for _, attributes in page.seen if "id" in attributes]
    assert ids
    assert len(ids) == len(set(ids))


def test_the_legend_explains_what_is_there_and_nothing_else():
    words = legend(pipeline())
    assert "prerequisite input" in words
    assert "dataset type" in words
    assert "constructed" in words
    assert "failed" not in words
    states = legend(collapsed())
    assert "failed" in states
    assert "skipped" not in states
    assert "prerequisite input" in states
    assert legend(Diagram(title="t", nodes=(Node(id="a", label="a", kind="task"),))) == ""


def test_callers_can_add_parts_and_their_own_text():
    bundle = diagram_bundle(pipeline(), tag("p", "added"), text="short")
    assert bundle["text/plain"] == "short"
    assert "<p>added</p>" in bundle["text/html"]


@pytest.mark.parametrize("size", [50, 120, 250, 1000])
def test_all_forms_together_stay_below_200_kb(size):
    long = (("doc", "<&>'\"" * 300),)
    nodes = tuple(Node(id=str(i), label=f"<{i}>" * 20, kind="quantum", details=long) for i in range(size))
    edges = tuple(Edge(source=str(i // 2), target=str(i), label="&" * 40) for i in range(1, size))
    bundle = diagram_bundle(Diagram(title="t", nodes=nodes, edges=edges), engine="layered")
    assert sum(len(json.dumps(form).encode()) for form in bundle.values()) < 200_000

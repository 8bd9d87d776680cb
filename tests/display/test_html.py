from __future__ import annotations

from xml.etree import ElementTree

import pytest

from jupyter_mpexec.display import html
from jupyter_mpexec.status import QuantumStatus, RunState

from .samples import HOSTILE


def parse(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(markup.replace("&#8201;", " "))


BLOCKS = [
    lambda t: html.heading(t),
    lambda t: html.paragraph(t, t),
    lambda t: html.items([t, t]),
    lambda t: html.table([t, html.Column(t, numeric=True)], [(t, t)], caption=t),
    lambda t: html.details(t, t, open=True),
    lambda t: html.definition_list([(t, t)]),
    lambda t: html.code(t, label=t),
    lambda t: html.figure(html.tag("b", t), t, label=t),
    lambda t: html.tag("i", t, title=t),
    lambda t: html.page(t),
]


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_escapes_what_it_is_given(block):
    markup = block(HOSTILE)
    root = parse(markup)
    assert root.find(".//script") is None
    assert "<script" not in markup
    assert "Müller ☃ 星系" in "".join(root.itertext())


def test_markup_is_not_escaped_twice():
    bold = html.tag("b", "x & y")
    assert html.paragraph(bold) == '<p class="jmpx-p"><b>x &amp; y</b></p>'
    assert html.escape(html.escape("&")) == "&amp;"
    assert html.join(["<", bold], ", ") == "&lt;, <b>x &amp; y</b>"


def test_tables_say_what_their_cells_belong_to():
    table = html.table(["Task", html.Column("Quanta", numeric=True)], [("isr", "12")], caption="Counts")
    root = parse(table)
    assert [th.get("scope") for th in root.iter("th")] == ["col", "col", "row"]
    assert root.find(".//caption").text == "Counts"
    assert root.find(".//td").get("class") == "jmpx-num"


def test_what_scrolls_can_be_reached_with_the_keyboard_and_has_a_name():
    for block in (html.table(["a"], []), html.code("x"), html.figure(html.tag("svg"))):
        regions = [e for e in parse(block).iter() if e.get("role") == "region"]
        assert regions
        for region in regions:
            assert region.get("tabindex") == "0"
            assert region.get("aria-label")


@pytest.mark.parametrize("status", [*QuantumStatus, *RunState])
def test_badges_have_glyph_word_and_colour(status):
    root = parse(html.badge(status, 1200))
    assert "1,200" in "".join(root.itertext())
    assert root.find("span").get("aria-hidden") == "true"
    assert "jmpx-s-" in root.get("class")


def test_bars_say_their_counts_in_words_and_add_up():
    root = parse(html.bar({QuantumStatus.FAILED: 1, QuantumStatus.SUCCEEDED: 3, QuantumStatus.PENDING: 0}))
    assert root.get("aria-label") == "3 succeeded, 1 failed"
    widths = [float(e.get("style").removeprefix("width:").removesuffix("%")) for e in root]
    assert widths == [75.0, 25.0]


def test_pages_carry_their_style_and_no_script():
    page = html.page(html.heading("x"))
    assert page.startswith('<div class="jmpx"><style>')
    assert "<script" not in page
    assert "http" not in page


def test_bundles_have_the_forms_they_were_given():
    assert html.bundle("t", "h") == {"text/plain": "t", "text/html": "h"}
    assert html.bundle("t", "h", "s")["image/svg+xml"] == "s"

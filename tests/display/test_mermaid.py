from __future__ import annotations

import re

from jupyter_mpexec.display.mermaid import to_mermaid

from .samples import collapsed, hostile, pipeline


def test_nodes_edges_and_subgraphs_are_there():
    source = to_mermaid(pipeline())
    assert source.startswith("flowchart TB\n    accTitle: Pipeline of 2 tasks\n")
    assert '    subgraph c0["step1"]\n        n2["<b>isr</b>"]\n' in source
    assert source.count(" --> ") == 5
    assert "n1 -.-> n2" in source
    assert '-->|"postISRCCD"| n1' in to_mermaid(collapsed())


def test_every_line_has_the_expected_form_however_hostile_the_texts():
    text = r"(?:[\w ,.:()\-+=/*✓✗○►∅»⊘⊖…]|#\d+;)*"
    rich = rf"<b>{text}</b>(?:<br/>{text})*"
    forms = [
        "flowchart TB",
        rf" +accTitle: {text}",
        rf' +subgraph c\d+\["{text}"\]',
        r" +end",
        rf' +n\d+\["{rich}"\]',
        rf' +n\d+\(\["{rich}"\]\)',
        rf' +n\d+ (?:-->|-\.->)(?:\|"{text}"\|)? n\d+',
    ]
    for line in to_mermaid(hostile()).splitlines():
        assert any(re.fullmatch(form, line) for form in forms), line

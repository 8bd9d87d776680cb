from __future__ import annotations

import re

import pytest

from jupyter_mpexec.display.status_style import READING_ORDER, run_style, status_style, worst
from jupyter_mpexec.display.stylesheet import page_stylesheet
from jupyter_mpexec.status import QuantumStatus, RunState


def test_every_state_has_a_glyph_and_a_word_of_its_own():
    for states, style in ((QuantumStatus, status_style), (RunState, run_style)):
        assert len({style(state).glyph for state in states}) == len(states)
        assert len({style(state).word for state in states}) == len(states)
    assert set(READING_ORDER) == set(QuantumStatus)


@pytest.mark.parametrize("style", [*map(status_style, QuantumStatus), *map(run_style, RunState)])
def test_every_state_has_a_rule_in_the_style_sheet(style):
    css = page_stylesheet()
    assert f".{style.css_class}{{--jmpx-c:var({style.variable})}}" in css
    # Light, dark by preference, dark by attribute.
    assert len(re.findall(rf"[{{;]{style.variable}:#[0-9a-f]{{6}}", css)) == 3


def test_the_worst_state_stands_for_all():
    assert worst({QuantumStatus.SUCCEEDED: 5, QuantumStatus.FAILED: 1}) is QuantumStatus.FAILED
    assert worst({QuantumStatus.SUCCEEDED: 5, QuantumStatus.PENDING: 0}) is QuantumStatus.SUCCEEDED
    assert worst({}) is None

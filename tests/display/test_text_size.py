from __future__ import annotations

from jupyter_mpexec.display.text_size import text_width


def test_wider_letters_more_letters_and_bold_take_more_room():
    assert text_width("mm", 10) > text_width("ii", 10) > text_width("i", 10) > text_width("", 10) == 0
    assert text_width("abc", 10, bold=True) > text_width("abc", 10)
    assert text_width("abc", 20) == 2 * text_width("abc", 10)


def test_letters_of_other_scripts_have_widths_too():
    assert text_width("星系", 10) > text_width("ab", 10)
    assert text_width("e\N{COMBINING ACUTE ACCENT}", 10) == text_width("e", 10)

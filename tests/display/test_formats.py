from __future__ import annotations

import doctest

import pytest

from jupyter_mpexec.display import formats, progress, status_style


@pytest.mark.parametrize("module", [formats, status_style, progress])
def test_examples_in_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0 s"),
        (0, "0 s"),
        (0.0001, "1 ms"),
        (0.35, "0.3 s"),
        (9.96, "10 s"),
        (59.7, "1 min"),
        (60, "1 min"),
        (3599.9, "1 h"),
        (7505, "2 h 5 min"),
        (86400 * 3 + 4 * 3600, "3 d 4 h"),
    ],
)
def test_durations_have_two_units_at_most(seconds, words):
    assert formats.duration(seconds) == words


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_999, "1.0 MB"), (150e6, "150 MB"), (2e15, "2.0 PB")],
)
def test_sizes_are_decimal(size, words):
    assert formats.bytes_(size) == words


def test_plain_takes_out_what_xml_forbids_and_terminals_colour():
    assert (
        formats.plain("\x1b[31mred\x1b[0m\x00\ud800 ☃")
        == "red\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER} ☃"
    )


@pytest.mark.parametrize("length", [1, 2, 5, 20])
def test_shortened_texts_are_not_longer(length):
    assert len(formats.shorten("abcdefghijklmnopqrstuvwxyz", length)) <= length
    assert formats.shorten("abc", 3) == "abc"


def test_trimming_keeps_the_end_and_says_what_is_gone():
    text = "\n".join(f"line {i}" for i in range(1000))
    kept = formats.trim_lines(text, lines=20, characters=10_000)
    assert kept.endswith("line 999")
    assert kept.startswith("line 0\n")
    assert "980 lines left out" in kept
    assert len(formats.trim_lines("x" * 50_000, lines=20, characters=1000)) < 1100
    assert formats.trim_lines("short", lines=1, characters=10) == "short"

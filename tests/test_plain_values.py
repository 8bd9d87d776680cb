"""Numbers and lists, whatever package they come from."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from astropy import units
from astropy.table import Table

from jupyter_mpexec.front.words import split_words
from jupyter_mpexec.plain_values import plain


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (numpy.array([4, 5]), "4, 5"),
        (Table({"visit": [4, 5]})["visit"], "4, 5"),
        ([numpy.int64(4), numpy.int32(5)], "4, 5"),
        (numpy.float64(1.5), "1.5"),
        (numpy.array(3), "3"),
        (numpy.array(["r", "i"]), "'r', 'i'"),
        (range(2), "0, 1"),
    ],
)
def test_written_as_a_data_query_wants_them(value: Any, expected: str) -> None:
    (word,) = split_words("'IN ({value})'", {"value": value})
    assert word.text == f"IN ({expected})"


def test_what_would_lose_its_meaning_stays() -> None:
    length = 3 * units.m
    assert plain(length) is length
    assert plain(numpy.int64) is numpy.int64

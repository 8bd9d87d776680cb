"""Comparing what attempts gave: statistics, pictures, tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from astropy.table import Table

from jupyter_mpexec.execution.views.comparison import comparison_bundle
from jupyter_mpexec.execution.workbench.comparison import Comparison
from jupyter_mpexec.execution.workbench.value_difference import ValueDifference, value_difference


@dataclass
class Picture:
    image: Any
    mask: Any
    header: dict[str, int] = field(default_factory=dict)


def one(before: Any, after: Any) -> ValueDifference:
    [difference] = value_difference("x", before, after)
    return difference


def test_images_have_statistics_and_pictures() -> None:
    before = np.zeros((20, 30), dtype=np.float32)
    after = before.copy()
    after[3, 4], after[5, 6] = 10.0, np.nan
    difference = one(before, after)
    assert not difference.same
    assert difference.summary == "2 of 600 values differ"
    facts = dict(difference.facts)
    assert facts["largest difference"] == "10"
    assert facts["not finite after"] == "1"
    comparison = Comparison(name="q", before="attempt 1", after="attempt 2", outputs=[difference])
    bundle = comparison_bundle(comparison)
    assert bundle["text/html"].count("data:image/png;base64,") == 3
    assert "≠ x: 2 of 600 values differ" in bundle["text/plain"]


def test_what_is_not_a_number_is_the_same_as_itself() -> None:
    array = np.array([1.0, np.nan])
    assert one(array, array.copy()).same
    assert one({"a": np.nan}, {"a": np.nan}).same


def test_all_parts_of_an_exposure() -> None:
    before = Picture(np.ones((4, 4)), np.zeros((4, 4), dtype=int), {"GAIN": 1})
    after = Picture(np.ones((4, 4)) * 2, np.zeros((4, 4), dtype=int), {"GAIN": 2})
    parts = {part.name: part for part in value_difference("x", before, after)}
    assert {name: part.same for name, part in parts.items()} == {
        "x.image": False,
        "x.mask": True,
        "x (all else)": False,
    }
    assert parts["x (all else)"].facts == [("header.GAIN", "1 → 2")]


@pytest.mark.parametrize("library", ["astropy", "pandas", "pyarrow"])
def test_tables_are_compared_by_column(library: str) -> None:
    kind: Any = {"astropy": Table, "pyarrow": pa.table}.get(library)
    kind = kind or pytest.importorskip("pandas").DataFrame
    before = {"id": [1, 2, 3], "flux": [1.0, 2.0, 3.0], "name": ["a", "b", "c"]}
    after = {**before, "flux": [1.0, 2.5, 3.0]}
    difference = one(kind(before), kind(after))
    assert difference.summary == "1 of 3 columns differ, 3 rows"
    assert difference.facts == [("flux", "1 of 3 values differ, by 0.5 at most")]
    fewer = one(kind(before), kind({name: values[:2] for name, values in before.items()}))
    assert fewer.summary == "rows 3 → 2"
    assert ("flux", "median 2 → 1.5") in fewer.facts
    assert one(kind(before), kind(before)).same


def test_lists_mappings_and_other_things() -> None:
    assert [part.name for part in value_difference("x", [1, 2], [1, 3])] == ["x[0]", "x[1]"]
    assert next(value_difference("x", [1], [1, 2])).summary == "1 → 2 datasets"
    assert one({"a": 1, "b": 2}, {"a": 1, "c": 3}).facts == [("b", "2 → gone"), ("c", "new: 3")]
    assert one("text", 1).summary == "str → int"
    assert one(np.zeros(3), np.zeros(4)).summary == "shape 3 → 4"

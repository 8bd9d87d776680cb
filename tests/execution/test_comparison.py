"""Comparing what attempts gave: statistics, pictures, tables."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

import astropy.units as u
import numpy as np
import pyarrow as pa
import pytest
from astropy.nddata import CCDData
from astropy.table import MaskedColumn, QTable, Table
from astropy.time import Time

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


class Exposure:
    """As those of a library: attributes, and nothing to compare with."""

    def __init__(self, image: Any, wcs: Any) -> None:
        self.image = image
        self._wcs = wcs


class Sealed(Exposure):
    """As one that is not of Python, and cannot be copied."""

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("it cannot be pickled")


@dataclass
class Fit:
    parameters: list[Any]


def _objects(*values: Any) -> Any:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _long(value: int) -> Any:
    """So long that its repr leaves out the middle."""
    array = np.arange(3000)
    array[1500] = value
    return array


def _table(unit: Any = None, **meta: Any) -> Table:
    table = Table({"flux": [1.0, 2.0]}, meta=meta)
    table["flux"].unit = unit
    return table


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            Table({"a": MaskedColumn([1, 2], mask=[1, 0])}),
            Table({"a": MaskedColumn([1, 2])}),
            "1 of 2 values",
        ),
        (_table("nJy"), _table("mag"), "another unit"),
        (_table(band="r"), _table(band="i"), "'r' → 'i'"),
        (QTable({"f": [1, 2] * u.nJy}), QTable({"f": [1, 2] * u.mag}), "another unit"),
        (Table({"t": Time([1, 2], format="mjd")}), Table({"t": Time([1, 3], format="mjd")}), "it differs"),
        (pa.table({"a": [1.0, None]}), pa.table({"a": [1.0, np.nan]}), "1 of 2 values"),
        (pa.table({"a": [[1, 2], [3]]}), pa.table({"a": [[1, 2], [4]]}), "1 of 2 values"),
        (Table({"a": _objects([1], [2])}), Table({"a": _objects([1], [3])}), "1 of 2 values"),
        ([1, 2] * u.nJy, [1, 2] * u.mag, "another unit"),
        ({"p": [_long(1)]}, {"p": [_long(2)]}, "it differs"),
        (Fit([_long(1)]), Fit([_long(2)]), "it differs"),
        (Exposure(np.ones((3, 3)), [1]), Exposure(np.ones((3, 3)), [2]), "[1] → [2]"),
        (CCDData([[1.0]], unit="adu"), CCDData([[1.0]], unit="electron"), "electron"),
        (CCDData([[1.0]], unit="adu", meta={"A": 1}), CCDData([[1.0]], unit="adu", meta={"A": 2}), "1 → 2"),
        (Sealed(np.ones((3, 3)), 1), Sealed(np.ones((3, 3)), 1), "cannot be looked into"),
        (Sealed(np.ones((3, 3)), 1), Sealed(np.zeros((3, 3)), 1), "only the pixels"),
        (_objects(Sealed(1, 1)), _objects(Sealed(1, 1)), "cannot be looked into"),
    ],
)
def test_what_differs_is_not_called_the_same(before: Any, after: Any, told: str) -> None:
    differing = [part for part in value_difference("x", before, after) if not part.same]
    assert differing
    assert told in " ".join(f"{part.summary} {part.facts}" for part in differing)


@pytest.mark.parametrize(
    "value",
    [
        _table("nJy", band="r"),
        Table({"a": MaskedColumn([1, 2], mask=[1, 0])}),
        Table({"a": _objects(np.arange(2), np.arange(3))}),
        pa.table({"a": [[1, 2], None], "b": [np.nan, None]}),
        _objects(np.nan, "a", None),
        np.array(["NaT", "2026-11-01"], dtype="M8[s]"),
        np.array([(1.0, [np.nan, 2.0])], dtype=[("a", float), ("b", float, 2)]),
        np.array([], dtype=[("a", float), ("b", float, 2)]),
        {"p": [_long(1), np.nan], "fit": Fit([np.nan])},
        Exposure(np.ones((3, 3)), {"crval": np.nan}),
        CCDData([[1.0, np.nan]], unit="adu", meta={"A": 1}),
    ],
)
def test_a_copy_is_the_same(value: Any) -> None:
    parts = list(value_difference("x", value, copy.deepcopy(value)))
    assert parts
    assert all(part.same for part in parts)


class Holder:
    """Made from an array, as pandas makes its indices."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __reduce__(self) -> Any:
        return Holder, (self.array,)


def test_objects_that_are_made_from_arrays() -> None:
    before, same, after = Holder(np.arange(3)), Holder(np.arange(3)), Holder(np.arange(4))
    assert one({"x": before}, {"x": same}).same
    assert not one({"x": before}, {"x": after}).same


def test_tables_of_pandas() -> None:
    pandas: Any = pytest.importorskip("pandas")
    before = pandas.DataFrame(
        {"n": pandas.array([1, None], dtype="Int64"), "f": [np.nan, 1.0], "s": ["a", None]}
    )
    assert one(before, before.copy()).same
    assert one({"d": before}, {"d": before.copy()}).same
    assert one(before["f"], before["f"].copy()).same
    moved = before.set_index(pandas.Index([5, 6]))
    assert one(before, moved).summary == "another index"
    after = before.assign(n=pandas.array([1, 2], dtype="Int64"))
    assert one(before, after).summary == "1 of 3 columns differ, 2 rows"
    assert not one({"d": before}, {"d": after}).same


def test_what_differs_between_data_frames() -> None:
    pandas: Any = pytest.importorskip("pandas")
    index = pandas.Index([11, 12, 13], name="objectId")
    before = pandas.DataFrame(
        {
            "flux": np.array([1.0, 2.0, np.nan], dtype="f4"),
            "band": pandas.Categorical(["r", "i", None]),
            "seen": pandas.to_datetime(["2026-01-01", None, "2026-01-03"]),
        },
        index=index,
    )

    def fact(after: Any, name: str) -> str:
        return dict(one(before, after).facts)[name]

    assert one(before, before.copy()).same
    assert one(before, before[["band", "seen", "flux"]]).summary == "columns in another order"
    assert fact(before.astype({"flux": "f8"}), "flux") == "another type"
    assert one(before, before.astype({"flux": "f8"})).summary == "1 of 3 columns differ, 3 rows"
    assert fact(before.assign(band=before.band.cat.add_categories("z")), "band.type").endswith("i, r, z'")
    later = before.assign(seen=pandas.to_datetime(["2026-01-02", None, "2026-01-03"]))
    assert fact(later, "seen") == "1 of 3 values differ"
    assert fact(before.rename_axis("sourceId"), "index") == "objectId → sourceId"
    assert fact(before.set_axis([11, 12, 15]).rename_axis("objectId"), "index").startswith(
        "1 of 3 values differ"
    )
    assert fact(before.iloc[::-1], "index") == "the same rows in another order"
    twice = pandas.DataFrame([[1, 2], [3, 4]], columns=["n", "n"])
    changed = twice.copy()
    changed.iloc[0, 1] = 9
    assert one(twice, changed).facts == [("n (2)", "1 of 2 values differ, by 7 at most")]
    groups = pandas.MultiIndex.from_product([["measured", "truth"], ["r", "i"]])
    rows = pandas.MultiIndex.from_tuples([(1, 0), (1, 1)], names=["visit", "detector"])
    wide = pandas.DataFrame(np.arange(8.0).reshape(2, 4), columns=groups, index=rows)
    assert one(wide, wide.copy()).same
    assert one(wide, wide * [1, 1, 2, 1]).facts[0][0] == "truth, r"
    assert dict(one(wide, wide.swaplevel()).facts)["index"] == "visit, detector → detector, visit"


def test_texts_of_data_frames_come_back_from_a_file_with_another_type() -> None:
    pandas: Any = pytest.importorskip("pandas")
    before = pandas.DataFrame({"name": pandas.Series(["a", None], dtype=object)})
    after = pandas.DataFrame({"name": pandas.Series(["a", None], dtype="string")})
    assert one(before, after).same


def test_metadata_that_a_file_does_not_keep_is_no_difference() -> None:
    before, after = _table(**{"LSST.BUTLER.ID": "1"}), _table(band="r")
    [difference] = value_difference("x", before, after, was_stored=True)
    assert difference.same
    assert one(before, after).facts == [("meta.band", "new: 'r'")]


class Unwilling:
    """Raises whatever is asked of it."""

    def __getattr__(self, name: str) -> Any:
        raise ValueError(f"no {name}")

    def __repr__(self) -> str:
        raise RuntimeError("no words")


def test_values_that_raise_are_named_and_spoil_nothing_else() -> None:
    parts = list(value_difference("x", [Unwilling(), 1], [Unwilling(), 2]))
    assert [part.name for part in parts] == ["x[0]", "x[1]"]
    assert parts[0].summary.startswith("cannot be compared: ValueError: no ")
    assert not parts[0].same
    assert parts[1].summary == "it differs"
    mappings = one({"a": Unwilling(), "b": 1}, {"a": 1, "b": 2})
    assert dict(mappings.facts) == {"a": "<Unwilling: repr raised RuntimeError> → 1", "b": "1 → 2"}


def test_columns_of_one_name() -> None:
    before, after = (pa.table([[1], [number]], names=["a", "a"]) for number in (2, 3))
    assert one(before, pa.table([[1], [2]], names=["a", "a"])).same
    assert dict(one(before, after).facts) == {"a (2)": "1 of 1 values differ, by 1 at most"}

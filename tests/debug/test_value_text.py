"""Any value as a short text."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from jupyter_mpexec.debug.value_text import describe, type_name


class Plain:
    pass


class Raises:
    def __repr__(self) -> str:
        raise ValueError("no")

    def __len__(self) -> int:
        raise SystemExit


class NotText:
    def __repr__(self) -> str:
        return 3  # type: ignore[return-value]  # what this test is about


@dataclass
class Point:
    x: int
    values: list[int] = field(default_factory=list)


@dataclass
class NamedPoint(Point):
    def __repr__(self) -> str:
        return f"<point at {self.x}>"


@pytest.mark.parametrize(
    ("value", "text", "detail"),
    [
        (3, "3", ""),
        (True, "True", ""),
        (None, "None", ""),
        ("a\nb", r"'a\nb'", ""),
        ([], "[]", "0 items"),
        ([1, [2, [3, [4]]]], "[1, [2, […]]]", "2 items"),
        ((1,), "(1,)", "1 item"),
        ({"a": 1}, "{'a': 1}", "1 item"),
        (frozenset({1}), "frozenset({1})", "1 item"),
        (list(range(1000)), "[0, 1, 2, 3, 4, 5, …]", "1,000 items"),
        (10**400, "an integer of 1329 bits", ""),
        (describe, "<function describe>", ""),
        (threading, "<module threading>", ""),
        (defaultdict(int, {"a": 1}), "defaultdict(<class 'int'>, {'a': 1})", "1 item"),
        (Point(1, [2]), "Point(x=1, values=[2])", ""),
        (NamedPoint(1), "<point at 1>", ""),
        (deque(range(5000)), "<collections.deque object>", "5,000 items"),
    ],
)
def test_values_are_written_shortly(value: object, text: str, detail: str) -> None:
    assert describe(value) == (text, detail)


def test_long_texts_are_cut() -> None:
    shown = describe("x" * 1_000_000)
    assert len(shown.text) <= 160
    assert shown.text.endswith("…")
    assert shown.detail == "1,000,000 characters"


def test_addresses_are_left_out() -> None:
    assert describe(Plain()).text == f"<{__name__}.Plain object>"
    assert " at 0x" not in describe(object.__init__.__get__(Plain())).text


def test_a_repr_that_fails_says_so() -> None:
    assert describe(Raises()).text == "<Raises: repr raised ValueError>"
    assert describe([Raises()]).text == "[<Raises: repr raised ValueError>]"
    assert describe(NotText()).text == "<NotText: repr raised TypeError>"


def test_a_list_within_itself_ends() -> None:
    value: list[object] = []
    value.append(value)
    assert describe(value).text.count("[") <= 3


def test_a_repr_that_waits_for_a_lock_is_left_alone() -> None:
    lock = threading.Lock()
    asked: list[int] = []

    class Locked:
        def __repr__(self) -> str:
            asked.append(1)
            with lock:
                return "free"

    with lock:
        assert "takes too long" in describe(Locked(), patience=0.02).text
        assert "takes too long" in describe(Locked(), patience=0.02).text
    assert len(asked) == 1


def test_generated_reprs_do_not_write_long_lists() -> None:
    assert describe(Point(1, list(range(1000)))).text == "Point(x=1, values=[0, 1, 2, 3, 4, 5, …])"


def test_a_container_that_others_change_is_no_error() -> None:
    def endless() -> Iterator[int]:
        yield from iter(int, 1)

    assert "generator" in describe(endless()).text


def test_names_of_types() -> None:
    assert type_name(3) == "int"
    assert type_name(deque()) == "collections.deque"


def test_arrays_are_not_read() -> None:
    numpy = pytest.importorskip("numpy")
    # Nobody could afford to read this one: it is 8 TB of the same zero.
    huge = numpy.broadcast_to(numpy.zeros(1), (1_000_000, 1_000_000))
    shown = describe(huge)
    assert shown.detail == "(1000000, 1000000) float64"
    assert shown.text == "[[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, …]]"
    assert describe(numpy.array(3.5)) == ("3.5", "() float64")
    assert describe(numpy.zeros((0, 4))) == ("[[]]", "(0, 4) float64")
    assert describe([huge]).text == "[<ndarray (1000000, 1000000) float64>]"
    assert describe(numpy.zeros(3, dtype=[("a", int)])).text == "<ndarray>"
    assert describe(numpy.float32(1.5)).text.endswith(("1.5", "float32(1.5)", "np.float32(1.5)"))


def test_data_frames_and_series_in_a_line() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({f"c{n}": range(3) for n in range(8)}).rename_axis("objectId")
    assert describe(frame) == ("columns 'c0', 'c1', 'c2', 'c3', 'c4', 'c5', …; index objectId", "3 × 8")
    assert describe(frame["c1"] / 2) == ("[0.0, 0.5, 1.0]", "(3,) float64")
    assert describe({"table": frame}).text == "{'table': <DataFrame 3 × 8>}"
    assert describe(pandas.DataFrame()) == ("no columns", "0 × 0")

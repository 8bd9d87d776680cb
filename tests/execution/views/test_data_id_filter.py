from __future__ import annotations

import pytest

from jupyter_mpexec.errors import QueryError
from jupyter_mpexec.execution.views.data_id_filter import compile_filter

DATA_ID = {"instrument": "Cam'1", "visit": 42, "detector": 7, "band": "r"}


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "  ",
        "visit = 42",
        "visit == 42 and detector != 8",
        "42 = visit",
        "40 < visit AND visit <= 42.5",
        "detector IN (1, 2, 5..9)",
        "detector in (1..9:2)",
        "detector NOT IN (1, 2)",
        "band IN ('g', 'r')",
        'band = "r"',
        "instrument = 'Cam''1'",
        "NOT (visit = 43 OR band <> 'r')",
        "visit = 1 OR detector > -3",
        "tract = 5 OR visit = 42",
    ],
)
def test_matches(expression: str) -> None:
    assert compile_filter(expression)(DATA_ID) is True


@pytest.mark.parametrize(
    "expression",
    [
        "visit = 43",
        "detector IN (0..6)",
        "detector IN (0..8:2)",
        "NOT visit = 42",
        "visit = 42 AND band = 'g'",
    ],
)
def test_does_not_match(expression: str) -> None:
    assert compile_filter(expression)(DATA_ID) is False


@pytest.mark.parametrize(
    "expression", ["tract = 5", "NOT tract = 5", "tract NOT IN (1)", "visit=42 AND tract=5"]
)
def test_unknown_is_no_match(expression: str) -> None:
    assert compile_filter(expression)(DATA_ID) is False


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("visit =", "the end"),
        ("visit = r", "quotes: 'r'"),
        ("visit IN 3", "'\\('"),
        ("(visit = 3", "'\\)'"),
        ("visit = 3 3", "not expected at character 11"),
        ("visit ~ 3", "cannot be read at character 7"),
        ("visit.seeing < 1", "not a dimension"),
        ("visit", "comparison"),
        ("visit =", "A value is needed, not the end, at character 8 "),
        ("3", "comparison"),
        ("visit NOT 3", "comparison"),
        ("visit IN (1..3:0)", "step"),
        ("__import__('os')", "comparison"),
    ],
)
def test_malformed(expression: str, words: str) -> None:
    with pytest.raises(QueryError, match=words):
        compile_filter(expression)


@pytest.mark.parametrize("expression", ["visit = '42'", "band IN (1, 2)", "band < 3", "visit IN ('a', 'b')"])
def test_numbers_are_not_texts(expression: str) -> None:
    with pytest.raises(QueryError, match="cannot be compared"):
        compile_filter(expression)(DATA_ID)


def test_names_are_checked() -> None:
    matches = compile_filter("visti = 3 AND detector = 2")
    assert matches.names == {"visti", "detector"}
    with pytest.raises(QueryError, match="Did you mean 'visit'"):
        matches.check_names(["visit", "detector"])
    # Those of several tasks: each is named once.
    with pytest.raises(QueryError) as caught:
        compile_filter("patch = 3").check_names(["visit", "detector", "visit"])
    assert caught.value.hint == "Dimensions here: detector, visit."

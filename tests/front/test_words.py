from __future__ import annotations

import pytest

from jupyter_mpexec.errors import OptionError
from jupyter_mpexec.front.words import split_words


class Thing:
    def __str__(self) -> str:
        return "a thing"


THING = Thing()
NAMESPACE = {"thing": THING, "visits": [4, 5], "bands": ("g", "r"), "n": 3, "REPO": "/repo", "Thing": Thing}


def values(line: str) -> list[object]:
    return [word.value for word in split_words(line, NAMESPACE)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("run -b repo", ["run", "-b", "repo"]),
        ("-d 'visit = 3 AND x'", ["-d", "visit = 3 AND x"]),
        ('-d "it\'s"', ["-d", "it's"]),
        ("-b {thing}", ["-b", THING]),
        ("-b $thing", ["-b", THING]),
        ("-b ${thing}", ["-b", THING]),
        ("-n {n + 1}", ["-n", 4]),
        ("-b '{thing}'", ["-b", THING]),
        ("--x={thing}", ["--x=a thing"]),
        ("-d 'visit IN ({visits})'", ["-d", "visit IN (4, 5)"]),
        ('-d "band IN ({bands})"', ["-d", "band IN ('g', 'r')"]),
        ("-t {Thing}:label", ["-t", f"{__name__}.Thing:label"]),
        ("{visits[0]} {'a b'}", [4, "a b"]),
        ("$REPO/x", ["/repo/x"]),
        ("$HOME/x ${HOME}/x $$n", ["$HOME/x", "${HOME}/x", "$n"]),
        ("{{n}}", ["{n}"]),
        ("-c 'a:b={\"key\": 1}'", ["-c", 'a:b={"key": 1}']),
        ("{}", ["{}"]),
        ("a{n", ["a{n"]),
        ("a # {nothing}\nb", ["a", "b"]),
        ("", []),
        ("''", [""]),
    ],
)
def test_split(line: str, expected: list[object]) -> None:
    assert values(line) == expected


def test_unknown_variable_is_named_with_a_suggestion() -> None:
    with pytest.raises(OptionError, match="no variable 'vists'") as caught:
        values("{vists}")
    assert caught.value.hint == "Did you mean 'visits'?"


def test_failing_expression() -> None:
    with pytest.raises(OptionError, match="ZeroDivisionError"):
        values("{n / 0}")


def test_open_quote() -> None:
    with pytest.raises(OptionError, match="No closing quotation"):
        values("-d 'visit")


def test_names_only_evaluates_nothing() -> None:
    words = split_words("{thing} {print('called')}", NAMESPACE, names_only=True)
    assert words[0].value is THING
    assert words[1].text.startswith("{print(")


def test_cut_keeps_the_object_behind_the_separator() -> None:
    (word,) = split_words("name={thing}", NAMESPACE)
    left, right = word.cut("=") or ("", word)
    assert left == "name"
    assert right.value is THING


def test_a_hash_begins_a_comment_only_at_the_start_of_a_word() -> None:
    words = split_words("-p {file}#one,two 'a #b' # the rest\n-n 1 #x", {"file": "some.yaml"})
    assert [word.text for word in words] == ["-p", "some.yaml#one,two", "a #b", "-n", "1"]

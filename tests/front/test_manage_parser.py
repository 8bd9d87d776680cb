from __future__ import annotations

import pytest

from jupyter_mpexec.errors import OptionError
from jupyter_mpexec.front.manage_parser import managing_subcommand, parse_manage
from jupyter_mpexec.front.parser import parse
from jupyter_mpexec.front.words import split_words
from jupyter_mpexec.manage_options import MANAGING, ManageOptions, managing_options_of


class Run:
    def __init__(self, name: str) -> None:
        self.id = name


class WatchedRun(Run):
    pass


def options(line: str, **variables: object) -> ManageOptions:
    words = split_words(line, variables)
    subcommand = managing_subcommand(words)
    assert subcommand is not None
    return parse_manage(subcommand, words[1:]).options


def message(line: str, **variables: object) -> str:
    with pytest.raises(OptionError) as caught:
        options(line, **variables)
    return f"{caught.value.message} {caught.value.hint}".strip()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("runs", ManageOptions()),
        ("runs --all", ManageOptions(all=True)),
        ("attach u-me --wait", ManageOptions(runs=("u-me",), wait=True)),
        ("stop --interrupt u-me", ManageOptions(runs=("u-me",), interrupt=True)),
        ("resume last -j3 --background", ManageOptions(runs=("last",), processes=3, background=True)),
        ("prune a b --older-than=1.5", ManageOptions(runs=("a", "b"), older_than=1.5)),
        ("prune --older-than 0", ManageOptions(older_than=0.0)),
    ],
)
def test_values(line: str, expected: ManageOptions) -> None:
    assert options(line) == expected


def test_runs_may_be_objects() -> None:
    first, second = Run("a"), WatchedRun("b")
    assert options("attach {run}", run=second).runs == ("b",)
    assert options("prune {done} last $run", done=[first, second], run=Run("c")).runs == (
        "a",
        "b",
        "last",
        "c",
    )
    assert "not an object of type dict" in message("attach {run}", run={})


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("runs u-me", "'u-me' belongs to no option. runs takes no names of runs."),
        ("stop a b", "stop takes one run, not 2: a, b."),
        ("stop ''", "The name of a run is empty. %pipetask runs lists all runs."),
        ("attach --wat", "There is no option --wat. Did you mean '--wait'?"),
        ("attach -j 2", "There is no option -j. --help lists all options."),
        ("resume x -j 0", "-j must be at least 1, not 0."),
        ("prune", "prune needs to know what to remove. Name runs, or their age: --older-than DAYS."),
        ("prune --older-than week", "--older-than takes a number, not 'week'."),
        ("prune --older-than nan", "--older-than must be at least 0, not nan."),
        ("prune --older-than", "--older-than needs a value: --older-than DAYS"),
        ("runs --all=yes", "--all takes no value, but 'yes' follows it."),
    ],
)
def test_what_is_wrong(line: str, expected: str) -> None:
    assert message(line) == expected


def test_a_subcommand_that_does_not_come_first() -> None:
    with pytest.raises(OptionError, match="'stop' must come first"):
        parse(split_words("-b repo stop", {}))
    with pytest.raises(OptionError) as caught:
        parse(split_words("atach x", {}))
    assert caught.value.hint == "Did you mean 'attach'?"


@pytest.mark.parametrize("subcommand", MANAGING)
def test_help_is_for_all_of_them(subcommand: str) -> None:
    words = split_words(f"{subcommand} --help", {})
    assert parse_manage(managing_subcommand(words), words[1:]).wants_help  # type: ignore[arg-type]
    assert all(option.help and option.ours for option in managing_options_of(subcommand))

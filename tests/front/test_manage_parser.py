from __future__ import annotations

from uuid import UUID

import pytest

from jupyter_mpexec.errors import OptionError
from jupyter_mpexec.front.manage_parser import managing_subcommand, parse_manage
from jupyter_mpexec.front.parser import parse
from jupyter_mpexec.front.words import split_words
from jupyter_mpexec.manage_options import MANAGING, ManageOptions, managing_options_of
from jupyter_mpexec.report import QuantumRecord


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
        ("pause", ManageOptions()),
        ("step u-me", ManageOptions(runs=("u-me",))),
        ("step u-me 3", ManageOptions(runs=("u-me",), count=3)),
        ("retry", ManageOptions()),
        ("retry u-me --background", ManageOptions(runs=("u-me",), background=True)),
        ("retry u-me 01ab 02cd", ManageOptions(runs=("u-me",), quanta=("01ab", "02cd"))),
        ("cancel u-me 'isr(visit=2)'", ManageOptions(runs=("u-me",), quanta=("isr(visit=2)",))),
        ("skip last 01ab", ManageOptions(runs=("last",), quanta=("01ab",))),
        ("report", ManageOptions()),
        ("report u-me", ManageOptions(runs=("u-me",))),
        ("report seen.html", ManageOptions(file="seen.html")),
        ("report u-me 'my runs/seen.html'", ManageOptions(runs=("u-me",), file="my runs/seen.html")),
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


def test_quanta_may_be_objects() -> None:
    first, second, third = (UUID(int=number) for number in (1, 2, 3))
    records = [
        QuantumRecord(quantum_id=str(quantum), task_label="isr", data_id={}) for quantum in (first, second)
    ]
    found = options("retry {run} {records} $third abc", run=Run("a"), records=records, third=third)
    assert found == ManageOptions(runs=("a",), quanta=(str(first), str(second), str(third), "abc"))
    assert options("step {run} {n}", run=Run("a"), n=4).count == 4
    assert "A quantum is named by text, or is a Quantum, not" in message("skip a {n}", n=4)


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
        ("pause a b", "pause takes one run, not 2: a, b."),
        ("step a many", "A step is a number of quanta, not 'many'."),
        ("step a 0", "A step is at least one quantum, not 0."),
        ("step a 1 2", "step takes one run, not 3: a, 1, 2."),
        (
            "cancel a",
            "cancel needs to know the run, and which of its quanta. "
            "It is named by its ID, the beginning or the end of that, or as in 'isr(detector=3, visit=7)'.",
        ),
        ("report a b", "A report is written to a file that ends in .html, not to 'b'."),
        ("report a b c.html", "report takes one run, not 2: a, b."),
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
    assert parse_manage(managing_subcommand(words), words[1:]).wants_help  # type: ignore[arg-type]  # a subcommand that it has found
    assert all(option.help and option.ours for option in managing_options_of(subcommand))

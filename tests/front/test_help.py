from __future__ import annotations

import pytest

from jupyter_mpexec.front.docs import DEFAULT_PATH, options_page
from jupyter_mpexec.front.help import help_text
from jupyter_mpexec.front.subcommands import ALL_SUBCOMMANDS, options_for
from jupyter_mpexec.options import options_of


@pytest.mark.parametrize("subcommand", ALL_SUBCOMMANDS)
def test_help_has_every_option(subcommand: str) -> None:
    text = help_text(subcommand)
    for option in options_for(subcommand):
        assert option.flag in text
    assert max(map(len, text.splitlines())) <= 100


def test_overview_has_every_subcommand() -> None:
    text = help_text(None, "jupyter mpexec", {"more": "Something else."})
    for subcommand in (*ALL_SUBCOMMANDS, "more"):
        assert f"  {subcommand} " in text


def test_help_is_readable() -> None:
    lines = help_text("run").splitlines()
    assert (
        "  -n, --cores-per-quantum N       Number of cores that a quantum is told it may use. Default: 1."
        in lines
    )
    assert "  --log-tty / --no-log-tty        Whether to show the log on the terminal." in lines


def test_help_says_which_run_is_meant() -> None:
    text = help_text("stop")
    assert text.startswith("Usage: %pipetask stop [RUN] [OPTIONS]\n")
    assert "Without RUN: the only one that goes on." in text
    assert "{run}" in text
    assert "{run}" not in help_text("stop", "jupyter mpexec")
    assert "[RUN]" not in help_text("runs")


def test_help_says_what_outlives_the_kernel() -> None:
    words = " ".join(help_text("run").split())
    for text in ("goes on when the kernel ends", "a process of its own that outlives the kernel"):
        assert text in words


def test_the_documented_options_are_those_of_the_table() -> None:
    hint = "run: python -m jupyter_mpexec.front.docs"
    assert DEFAULT_PATH.read_text(encoding="utf-8") == options_page(), hint


def test_the_page_says_what_is_refused_and_why() -> None:
    refused = options_page().partition("## Not supported")[2]
    for option in options_of():
        assert (f"`{option.flag}" in refused and option.refused in refused) == bool(option.refused)

from __future__ import annotations

import pytest

from jupyter_mpexec.errors import OptionError
from jupyter_mpexec.front.cell_body import split_body


@pytest.mark.parametrize("body", ["-b repo\n-i x", "\n# a comment\n--input x", "-@ file"])
def test_options(body: str) -> None:
    assert split_body(body) == (body, "")


@pytest.mark.parametrize(
    "body", ["description: x\ntasks: {}", "# comment\n\ntasks:\n  a: b", "---\ntasks: {}"]
)
def test_pipeline(body: str) -> None:
    assert split_body(body) == ("", body)


def test_continued_lines() -> None:
    assert split_body("-b repo \\\n  x")[0] == "-b repo    x"


@pytest.mark.parametrize("body", ["", "\n\n", "# only a comment"])
def test_nothing(body: str) -> None:
    assert split_body(body) == ("", "")


@pytest.mark.parametrize("body", ["hello world", "- a list", "isr:x=1"])
def test_neither(body: str) -> None:
    with pytest.raises(OptionError, match="neither an option nor the key of a pipeline"):
        split_body(body)

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import pytest
from lsst.daf.butler import Butler

from jupyter_mpexec.demo.command import add_arguments, run
from jupyter_mpexec.demo.sizes import SIZES


@pytest.fixture
def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser


def test_survey(by_command: tuple[Butler, str]) -> None:
    butler, written = by_command
    assert "A survey of 8 images" in written
    assert "-i DemoCam/defaults" in written
    assert "  jupyter mpexec run -b " in written
    assert len(butler.query_datasets("raw", collections="DemoCam/defaults")) == 8


def test_hubble_and_a_second_try(
    parser: argparse.ArgumentParser, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = parser.parse_args([str(tmp_path / "repo"), "--hubble"])
    assert run(arguments) == 0
    assert "The Hubble Deep Field is in" in capsys.readouterr().out
    assert run(arguments) == 1
    assert "choose another folder" in capsys.readouterr().err


def test_sizes_in_help_are_the_sizes(parser: argparse.ArgumentParser) -> None:
    choices = next(a.choices for a in parser._actions if a.dest == "size")
    assert list(choices or ()) == list(SIZES)


def test_importing_the_package_is_cheap() -> None:
    code = (
        "import sys, jupyter_mpexec.demo, jupyter_mpexec.demo.command; "
        "print(sorted({'lsst', 'astropy', 'numpy', 'matplotlib', 'photutils'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

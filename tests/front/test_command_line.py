"""The console command: output, errors and exit codes."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import jupyter_mpexec
from jupyter_mpexec.front.command_line import main
from tests.support.environment import python_environment
from tests.support.repository import INPUTS, PIPELINE


def words(repository: Path, *more: str) -> list[str]:
    query = "visit = 2 AND instrument = 'SmallCam'"
    return ["-b", str(repository), "-p", str(PIPELINE), "-i", INPUTS, "-o", "u/me", "-d", query, *more]


NEW = ("--register-dataset-types", "--no-versions")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"jupyter_mpexec {jupyter_mpexec.__version__}\n"


@pytest.mark.parametrize("line", [[], ["--help"], ["run", "--help"]])
def test_help(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(line) == 0
    out = capsys.readouterr().out
    assert out.startswith("Usage: jupyter mpexec")
    assert "%" not in out.partition("\n")[0]
    assert ("demo-repo" in out) == ("run" not in line)


def test_build_shows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "-p", str(PIPELINE), "--show", "subsets"]) == 0
    assert capsys.readouterr().out.startswith("per_detector:\n")


def test_graph_is_saved(repository: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["qgraph", *words(repository, "-q", str(tmp_path / "g.qg"))]) == 0
    assert (tmp_path / "g.qg").exists()


def test_run_that_succeeds(repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    handlers, level = list(logging.getLogger().handlers), logging.getLogger("lsst").level
    log = tmp_path / "run.json"
    line = ["--log-label", "night=3", "--log-file", str(log), "--no-log-tty", "run", *words(repository, *NEW)]
    assert main(line) == 0
    assert "succeeded: 6 succeeded" in capsys.readouterr().err
    assert '"NIGHT":"3"' in log.read_text().replace(": ", ":")
    assert logging.getLogger().handlers == handlers
    assert logging.getLogger("lsst").level == level


def test_run_that_fails(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    failing = (
        "-c",
        "detect:fail_on=visit = 2",
        "--fail-fast",
        "--summary",
        str(repository.parent / "s.json"),
    )
    assert main(["--no-log-tty", "run", *words(repository, *NEW, *failing)]) == 1
    err = capsys.readouterr().err
    assert "ValueError: told to fail" in err
    assert err.rstrip().splitlines()[-2].startswith("Error: detect(")
    assert '"status": "failure"' in (repository.parent / "s.json").read_text()


@pytest.mark.parametrize(
    ("line", "code", "expected"),
    [
        (["rn"], 2, "Error: There is no subcommand 'rn'.\nDid you mean 'run'?\n"),
        (
            ["build", "-p", "x.yaml", "--log-file", "/nodir/x.log"],
            2,
            "Error: --log-file cannot write /nodir/x.log: there is no folder /nodir.\n"
            "Make the folder first, or name another file.\n",
        ),
        (["run", "--mock"], 2, "Error: --mock is not supported here: "),
        (["run", "-b", "r", "-g", "x.qg", "--background"], 2, "Error: --background works in notebooks only."),
        (["resume", "last", "--background"], 2, "Error: --background works in notebooks only."),
        (["stop"], 1, "Error: There is no run to stop: none goes on.\njupyter mpexec runs lists all runs.\n"),
        (["build", "--log-level", "X"], 2, "Error: --log-level cannot be 'X'."),
        (["build", "-p", "/nowhere.yaml"], 1, "Error: There is no pipeline file"),
        (
            ["qgraph", "-b", "/nowhere", "-p", str(PIPELINE), "-o", "x"],
            1,
            "Error: There is no Butler repository",
        ),
    ],
)
def test_what_is_wrong(line: list[str], code: int, expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(line) == code
    err = capsys.readouterr().err
    assert err.startswith(expected)
    assert len(err.splitlines()) <= 2


def test_help_and_errors_of_demo_repo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo-repo", "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Usage: jupyter mpexec demo-repo PATH [OPTIONS]\n\nMake a small repository")
    assert "  --size small|default|large      How many images: small 8" in shown
    assert "  -h, --help                      Show this text." in shown
    assert all(len(line) <= 100 and "`" not in line for line in shown.splitlines())
    for words, wrong in (([], "PATH"), (["x", "--size", "huge"], "'huge'"), (["x", "--seed"], "--seed")):
        assert main(["demo-repo", *words]) == 2
        said = capsys.readouterr().err
        assert said.startswith("Error: demo-repo: ")
        assert wrong in said
        assert said.endswith("\njupyter mpexec demo-repo --help lists what it takes.\n")
    (tmp_path / "butler.yaml").touch()
    assert main(["demo-repo", str(tmp_path)]) == 1
    assert "choose another folder" in capsys.readouterr().err


def started(line: list[str], runs_folder: Path) -> subprocess.Popen[str]:
    """Start the command, and return when its first quantum runs."""
    command = [sys.executable, "-m", "jupyter_mpexec", *line]
    process = subprocess.Popen(command, env=python_environment(), stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if any("QuantumStarted" in file.read_text() for file in runs_folder.rglob("*.jsonl")):
            break
        time.sleep(0.05)
    time.sleep(0.2)
    return process


@pytest.mark.parametrize("processes", ["1", "2"])
def test_interrupt(repository: Path, runs_folder: Path, processes: str) -> None:
    line = ["run", *words(repository, *NEW, "-c", "detect:sleep=60", "-j", processes)]
    process = started(line, runs_folder)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "Error: The run was ended early" in err


def test_runs_that_went_wrong(
    repository: Path, runs_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["--no-log-tty", "run", *words(repository, *NEW, "-c", "detect:sleep=2", "-j", "2", "--resume")]
    process = started(line, runs_folder)
    [folder] = (runs_folder / "runs").iterdir()
    assert not (folder / "runner.log").exists(), (
        "The command is a process of its own, and needs no other one."
    )
    assert main(["runs"]) == 0
    assert folder.name in capsys.readouterr().out
    process.kill()
    process.communicate(timeout=60)
    assert main(["runs"]) == 0
    assert capsys.readouterr().out.startswith("† dead")
    assert main(["attach"]) == 1
    assert f"Go on with: jupyter mpexec resume {folder.name}" in capsys.readouterr().err

    assert main(line) == 0
    err = capsys.readouterr().err
    assert err.startswith(
        f"The run {folder.name} into u/me was broken off (0 of 6 quanta were done), and is gone on with."
    )
    assert "succeeded: 6 succeeded" in err
    assert not (folder / "runner.log").exists()
    assert main(["resume"]) == 1
    assert "there is nothing left to do" in capsys.readouterr().err
    assert main(["attach"]) == 0
    assert main(["prune", "last"]) == 0
    assert folder.name in capsys.readouterr().out
    assert not folder.exists()


def test_a_run_that_is_stopped_from_elsewhere(
    repository: Path, runs_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["run", *words(repository, *NEW, "-c", "detect:sleep=60", "-j", "2")]
    process = started(line, runs_folder)
    assert main(["stop", "--interrupt", "--wait"]) == 0
    assert capsys.readouterr().out.endswith("has ended.\n")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopped by the user" in err

"""Runs over HTTP, while no kernel is there."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from tests.support.waiting import wait_until

from .conftest import Server


def rows(server: Server, output: str) -> list[dict[str, Any]]:
    return [row for row in server.ask("runs").body["runs"] if row["output"] == output]


def test_a_run_from_a_terminal(server, survey):
    """It is seen, followed, stopped, gone on with, reported, and removed."""
    output = "u/me/terminal"
    terminal = subprocess.Popen(
        [
            *(sys.executable, "-P", "-m", "jupyter_mpexec", "run", "-b", str(survey.root), "-j", "2"),
            *("-p", str(survey.pipeline), "-i", str(survey.inputs), "-o", output, "--register-dataset-types"),
        ],
        env=server.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(
        lambda: [row for row in rows(server, output) if row["state"] == "running" and row["ended"] > 0]
    )
    [row] = rows(server, output)
    assert row["is_alive"]
    assert row["total"] == 56
    name = row["id"]
    refused = server.ask(f"runs/{name}", method="DELETE")
    assert refused.status == 400
    assert name in refused.body["message"]
    assert server.ask(f"runs/{name}/resume", method="POST").status == 400

    assert server.ask(f"runs/{name}/stop", method="POST").status == 200
    terminal.wait(120)
    [row] = wait_until(lambda: [row for row in rows(server, output) if row["is_final"]])
    assert row["state"] == "stopped"
    assert row["ended"] > 0
    assert row["can_resume"]
    again = server.ask(f"runs/{name}/stop", method="POST")
    assert again.status == 400
    assert "over" in again.body["message"]

    assert server.ask(f"runs/{name}/resume", method="POST").status == 200
    wait_until(lambda: [row for row in rows(server, output) if row["state"] == "succeeded"])
    details = server.ask(f"runs/{name}").body
    assert (details["ended"], sum(task["total"] for task in details["tasks"])) == (56, 56)
    assert details["has_graph"]
    assert server.ask("graph", run=name).body["total"] == 56
    report = server.ask(f"runs/{name}/report").body["html"]
    assert report.startswith("<!doctype html>")
    assert "<script" not in report
    assert name in report

    wait_until(lambda: not rows(server, output)[0]["is_alive"])
    assert server.ask(f"runs/{name}", method="DELETE").status == 200
    assert not rows(server, output)
    assert not (server.runs / name).exists()
    assert server.ask(f"runs/{name}").status == 404


def test_a_damaged_journal_is_only_a_line_in_the_list(server):
    folder = server.runs / "u-me-damaged-20260101T000000-000000"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "journal.jsonl").write_text('{"event":"Nonsense"}\n')
    [row] = [row for row in server.ask("runs").body["runs"] if row["id"] == folder.name]
    assert row["state"] == "dead"
    assert "damaged" in row["trouble"]
    assert server.ask(f"runs/{folder.name}").status == 200
    assert server.ask(f"runs/{folder.name}/report").status == 400


def test_options_are_those_of_the_table(server):
    options = {option["name"]: option for option in server.ask("options").body["options"]}
    assert options["processes"]["flag"] == "--processes"
    assert options["processes"]["minimum"] == 1
    assert options["prune_replaced"]["choices"] == ["unstore", "purge"]
    assert "start_method" in options

"""Runs as JSON, from their folders."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from jupyter_mpexec.display import formats
from jupyter_mpexec.display.report_page import report_html
from jupyter_mpexec.display.report_view import command, failure_headline, run_facts
from jupyter_mpexec.display.status_style import run_style
from jupyter_mpexec.display.stylesheet import page_stylesheet
from jupyter_mpexec.errors import RunError
from jupyter_mpexec.execution.control_socket import RemoteControl
from jupyter_mpexec.execution.death import as_of_now
from jupyter_mpexec.execution.journal import Journal
from jupyter_mpexec.execution.journal_summary import JournalSummary
from jupyter_mpexec.execution.run_entry import RunEntry, remove_runs, run_entry, run_folders
from jupyter_mpexec.execution.run_folder import RunFolder
from jupyter_mpexec.report import RunReport
from jupyter_mpexec.status import RunState

from .run_reports import RunReports
from .run_summaries import RunSummaries

__all__ = ["delete", "details", "list_runs", "report", "resume", "stop"]

_MOST_FAILURES = 20


def list_runs(summaries: RunSummaries) -> dict[str, Any]:
    """List all runs, the newest first."""
    entries = []
    for folder in run_folders():
        try:
            entries.append((run_entry(folder, summarise=summaries), folder))
        except OSError:
            # It was removed in this moment.
            continue
    summaries.keep_only({folder.journal.path for _, folder in entries})
    rows = [row for entry, _ in entries if (row := _row(entry)) is not None]
    rows.sort(key=lambda row: row["started_at"], reverse=True)
    return {"now": time.time(), "runs": rows}


def details(folder: RunFolder, reports: RunReports, *, since: str = "") -> dict[str, Any]:
    """Say how far a run is, task by task.

    Parameters
    ----------
    folder
        Folder of the run.
    reports
        Reads its journal.
    since
        The version of the answer that is known already; if nothing has changed since, only that is said.
    """
    # First of all: what happens meanwhile has another version.
    version = _version(folder)
    if since == version:
        return {"version": version, "unchanged": True}
    # Before its journal is read: what it says at last is in there before it goes.
    is_alive = folder.is_alive
    words: dict[str, Any] = {"facts": [], "tasks": [], "failures": [], "command": ""}

    def read(journal: Journal) -> JournalSummary:
        with reports.open(journal) as report:
            if report.started is not None:
                words.update(_in_words(as_of_now(folder, report, is_alive=is_alive)))
            return JournalSummary.of(report)

    row = _row(run_entry(folder, summarise=read))
    if row is None:
        raise RunError(f"The run {folder.name} was just removed.")
    return {**row, **words, "has_graph": folder.graph_file.is_file(), "version": version}


def report(folder: RunFolder, reports: RunReports) -> dict[str, Any]:
    """Write the report of a run as a page of its own, which needs no script."""
    is_alive = folder.is_alive
    with reports.open(folder.journal) as found:
        page = report_html(as_of_now(folder, found, is_alive=is_alive))
    head = (
        f"<meta charset='utf-8'><title>{formats.plain(folder.name)}</title><style>{page_stylesheet()}</style>"
    )
    body = f"<body class='jmpx' style='margin:0;min-height:100vh'>{page}</body>"
    return {"id": folder.name, "html": f"<!doctype html><html><head>{head}</head>{body}</html>"}


def stop(folder: RunFolder, *, interrupt: bool) -> dict[str, Any]:
    """Stop a run; quanta under way come to their end, unless they are to be interrupted."""
    RemoteControl(folder).stop("stopped from the list of runs", interrupt=interrupt)
    return {}


def resume(folder: RunFolder) -> dict[str, Any]:
    """Go on with a run that was broken off, in a process of its own that outlives the server."""
    entry = run_entry(folder)
    if entry.is_alive:
        raise RunError(f"The run {folder.name} goes on already.")
    if not entry.has_begun:
        raise RunError(f"The run {folder.name} did not begin.", hint="Run its command again.")
    if entry.state is RunState.SUCCEEDED:
        raise RunError(f"The run {folder.name} has come to its end: there is nothing left to do.")
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    place = str(Path(__file__).parents[2])
    if Path(place).name != "site-packages":
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [environment.get("PYTHONPATH", ""), place]))
    said = folder.output_file.stat().st_size if folder.output_file.exists() else 0
    told = folder.journal.path.stat().st_size
    descriptor = os.open(folder.output_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "jupyter_mpexec", "resume", folder.name],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,
        )
    while process.poll() is None:
        if folder.journal.path.stat().st_size != told:
            return {}
        time.sleep(0.05)
    if process.returncode and folder.journal.path.stat().st_size == told:
        raise RunError(
            f"The run {folder.name} could not be gone on with.",
            hint=_last_words(folder, said) or f"Why is at the end of {folder.output_file}.",
        )
    return {}


def delete(folder: RunFolder, reports: RunReports) -> dict[str, Any]:
    """Remove the folder of a run that is over; its results stay in the repository."""
    remove_runs([folder])
    reports.forget(folder.journal)
    return {}


def _row(entry: RunEntry) -> dict[str, Any] | None:
    summary = entry.summary
    started = summary.started if summary is not None else None
    try:
        begun = entry.started_at
    except OSError:
        return None
    counts = summary.counts if summary is not None else {}
    total = sum(counts.values())
    style = run_style(entry.state)
    return {
        "id": entry.id,
        "state": entry.state.value,
        "look": {"glyph": style.glyph, "word": style.word, "css": style.css_class},
        "is_alive": entry.is_alive,
        "is_final": entry.state.is_final,
        "can_resume": not entry.is_alive and entry.has_begun and entry.state is not RunState.SUCCEEDED,
        "counts": {status.value: n for status, n in counts.items() if n},
        "total": total,
        "ended": sum(n for status, n in counts.items() if status.is_final),
        "output": (started.output or started.output_run) if started is not None else "",
        "repository": started.repository if started is not None else "",
        "started_at": begun,
        "finished_at": summary.finished_at if summary is not None else None,
        "trouble": entry.trouble,
    }


def _version(folder: RunFolder) -> str:
    """Name the state of all that an answer about a run is made from."""
    is_alive = folder.is_alive
    try:
        about = folder.journal.path.stat()
    except OSError:
        stamp = ""
    else:
        stamp = f"{about.st_ino}-{about.st_size}-{about.st_mtime_ns}"
    return f"{stamp}-{is_alive:d}-{folder.graph_file.is_file():d}"


def _in_words(report: RunReport) -> dict[str, Any]:
    failures = report.failures
    return {
        "facts": [list(fact) for fact in run_facts(report, show_times=True)],
        "command": command(report),
        "tasks": [
            {
                "label": task.label,
                "total": task.total,
                "counts": {status.value: n for status, n in task.counts.items() if n},
                "median": formats.duration(task.median_time) if task.longest_time else "",
                "longest": formats.duration(task.longest_time) if task.longest_time else "",
            }
            for task in report.tasks
        ],
        "n_failures": len(failures),
        "failures": [
            {"name": record.name, "task": record.task_label, "headline": failure_headline(record)}
            for record in failures[:_MOST_FAILURES]
        ],
    }


def _last_words(folder: RunFolder, since: int) -> str:
    """Get the end of what the process of a run has printed."""
    with folder.output_file.open("rb") as output:
        output.seek(since)
        lines = output.read().decode(errors="replace").splitlines()
    return " ".join(line.strip() for line in lines[-3:])

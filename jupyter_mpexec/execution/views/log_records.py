"""The log of a quantum, as it is stored in a repository."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jupyter_mpexec.display import formats, html

if TYPE_CHECKING:
    from lsst.daf.butler.logging import ButlerLogRecord, ButlerLogRecords

__all__ = ["log_records_bundle"]

MOST_LINES = 500
"""Lines that are shown, at most."""


def log_records_bundle(records: ButlerLogRecords) -> dict[str, str]:
    """Show log records as text and HTML: one line each, with time and level, and tracebacks below."""
    lines = [line for record in records for line in _lines(record)]
    summary = formats.plural(len(records), "log record")
    text = formats.trim_lines("\n".join(lines), lines=MOST_LINES, characters=200_000)
    return html.bundle(
        f"ButlerLogRecords: {summary}\n{text}" if lines else f"ButlerLogRecords: {summary}",
        html.page(
            html.heading("Log"), html.paragraph(summary, "."), html.code(text, label="Log") if lines else ""
        ),
    )


def _lines(record: ButlerLogRecord) -> Iterator[str]:
    yield f"{record.asctime:%H:%M:%S} {record.levelname:<7} {record.name}: {formats.plain(record.message)}"
    if record.exc_info:
        yield from formats.plain(record.exc_info).rstrip().splitlines()

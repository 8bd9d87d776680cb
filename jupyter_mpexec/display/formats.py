"""Numbers, times, sizes and data IDs as a reader wants them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping

from jupyter_mpexec.long_text import left_out_of

__all__ = [
    "bytes_",
    "clock_time",
    "data_id",
    "duration",
    "number",
    "plain",
    "plural",
    "shorten",
    "trim_lines",
]

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def duration(seconds: float) -> str:
    """Write a span of time with two units at most.

    Parameters
    ----------
    seconds
        Length in seconds; a negative one counts as zero.

    Examples
    --------
    >>> duration(72), duration(0.0421), duration(7505)
    ('1 min 12 s', '42 ms', '2 h 5 min')
    """
    if seconds <= 0:
        return "0 s"
    if seconds < 0.0995:
        return f"{max(1, round(seconds * 1000))} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return _two(whole // 60, "min", whole % 60, "s")
    if whole < 86400:
        return _two(whole // 3600, "h", whole % 3600 // 60, "min")
    return _two(whole // 86400, "d", whole % 86400 // 3600, "h")


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large} {large_unit} {small} {small_unit}" if small else f"{large} {large_unit}"


def bytes_(size: float) -> str:
    """Write a number of bytes in decimal units.

    Examples
    --------
    >>> bytes_(1_234_000_000), bytes_(812)
    ('1.2 GB', '812 B')
    """
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if abs(size) < 999.5:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 99.5 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} PB"


def number(value: int) -> str:
    """Write a whole number with thousands separated.

    Examples
    --------
    >>> number(100501)
    '100,501'
    """
    return f"{value:,}"


def plural(count: int, one: str, many: str = "") -> str:
    """Write a number with its noun.

    Examples
    --------
    >>> plural(1, "quantum", "quanta"), plural(1200, "quantum", "quanta"), plural(2, "task")
    ('1 quantum', '1,200 quanta', '2 tasks')
    """
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def data_id(values: Mapping[str, int | str]) -> str:
    """Write a data ID as it is written in a query's log, ``detector=7, exposure=42``."""
    return ", ".join(f"{key}={value}" for key, value in values.items())


def clock_time(seconds: float) -> str:
    """Write a moment, given in seconds since the Unix epoch, in UTC.

    Examples
    --------
    >>> clock_time(1_700_000_000)
    '2023-11-14 22:13:20 UTC'
    """
    moment = datetime.datetime.fromtimestamp(seconds, tz=datetime.UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def plain(text: str) -> str:
    """Take terminal colours and characters that XML forbids out of a text."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", _ANSI.sub("", text))


def shorten(text: str, length: int) -> str:
    """Cut the middle out of a text that is longer than `length` characters.

    Examples
    --------
    >>> shorten("goodSeeingDiff_differenceExp", 15)
    'goodSee…enceExp'
    """
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    tail = (length - 1) // 2
    return f"{text[: length - 1 - tail]}…{text[len(text) - tail :]}"


def trim_lines(text: str, *, lines: int, characters: int) -> str:
    """Cut the middle out of a long text, by whole lines where that is enough; the cut says how much is gone.

    Parameters
    ----------
    text
        Any number of lines.
    lines, characters
        How much is kept at most.
    """
    rows = plain(text).strip("\n").splitlines()
    if len(rows) > lines:
        # Of a traceback, the end says most.
        head = lines // 4
        gone = len(rows) - lines
        # What was cut out before is gone as well, if its mark is.
        more = left_out_of("\n".join(rows[head : head + gone]))
        words = " and ".join([plural(gone, "line"), *([plural(more, "character")] if more else [])])
        rows = [*rows[:head], f"… {words} left out …", *rows[len(rows) - lines + head :]]
    kept = "\n".join(rows)
    if len(kept) > characters:
        head = characters // 4
        gone = len(kept) - characters
        gone += left_out_of(kept[head : head + gone])
        kept = f"{kept[:head]}\n… {plural(gone, 'character')} left out …\n{kept[gone + head :]}"
    return kept

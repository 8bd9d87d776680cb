"""The words and options of ``%frame`` and ``%debug_quantum``."""

from __future__ import annotations

import re

__all__ = ["FLAGS", "VERBS", "WORDS", "read_options"]

# One word each, as on the panel's buttons. What takes a value (raising, returning) is a method of the session, where
# the value is plain Python.
VERBS = {
    "step": "step_over",
    "into": "step_into",
    "out": "step_out",
    "continue": "resume",
    "abandon": "abandon",
    "restart": "restart",
}
"""What `%debug_quantum` understands, with the methods of a session that do it."""

WORDS = (*VERBS, "where", "stack")
"""All words of `%debug_quantum`."""

FLAGS = {"frame": ("-f", "--frame"), "session": ("-s", "--session")}
"""Options that come first, with a number each."""

_OPTION = re.compile(
    r"\s*(?:(?:-f|--frame)(?:\s+|=)(?P<frame>\d+)|(?:-s|--session)(?:\s+|=)(?P<session>\S+))(?=\s|\Z)"
)


def read_options(line: str) -> tuple[dict[str, str], str]:
    """Take the options off the beginning of a line; whatever else is there is Python, or a word."""
    options: dict[str, str] = {}
    while found := _OPTION.match(line):
        options |= {name: value for name, value in found.groupdict().items() if value is not None}
        line = line[found.end() :]
    return options, line.strip()

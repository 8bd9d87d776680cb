"""What could stand at the cursor of a ``%frame`` or ``%debug_quantum`` line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .debug_options import FLAGS, WORDS, read_options

__all__ = ["suggest_debug_quantum", "suggest_frame"]


def suggest_frame(line: str, namespace: Mapping[str, Any]) -> tuple[str, list[str]]:
    """List what could complete a line of ``%frame``: variables of the paused frame, options; see `suggest`."""
    if (found := _option(line, ("frame", "session"))) is not None:
        return found
    from jupyter_mpexec.debug import current_session

    options, _ = read_options(line)
    # Behind a dot stands a name that only the value itself knows.
    name = re.search(r"(?<![\w.])(?:[A-Za-z_]\w*)?\Z", line)
    pause = current_session(options.get("session", "")).pause
    if name is None or pause is None:
        return "", []
    known = pause.frame_locals(int(options.get("frame", 0)))
    return name[0], sorted(word for word in known if word.startswith(name[0]))


def suggest_debug_quantum(line: str, namespace: Mapping[str, Any]) -> tuple[str, list[str]]:
    """List what could complete a line of ``%debug_quantum``: its words, options; see `suggest`."""
    if (found := _option(line, ("session",))) is not None:
        return found
    _, rest = read_options(line)
    current = "" if line[-1:].isspace() else rest
    if rest and not current:
        return "", []
    return current, [word for word in WORDS if word.startswith(current)]


def _option(line: str, names: tuple[str, ...]) -> tuple[str, list[str]] | None:
    """Complete an option, or the number after one; None if something else is being typed."""
    last, current = ["", *re.split(r"[\s=]+", line)][-2:]
    if last in FLAGS["session"]:
        from jupyter_mpexec.debug import sessions

        # The one that is meant if none is named comes first.
        numbers = [str(session.number) for session in reversed(sessions())]
        return current, [number for number in numbers if number.startswith(current)]
    if last in FLAGS["frame"]:
        return current, []
    typed = read_options(line.removesuffix(current))[1]
    if current.startswith("-") and not typed:
        flags = [flag for name in names for flag in FLAGS[name]]
        return current, [flag for flag in flags if flag.startswith(current)]
    return None

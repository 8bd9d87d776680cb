"""The options of ``%pipetask run`` as JSON, for a form."""

from __future__ import annotations

from typing import Any

from jupyter_mpexec.options import options_of

__all__ = ["options_answer"]


def options_answer() -> dict[str, Any]:
    """List them in the order of the table, without those that are refused."""
    return {
        "options": [
            {
                "name": option.name,
                "flag": option.flag,
                "short": min(option.flags, key=len),
                "off_flag": option.off_flags[0] if option.off_flags else "",
                "help": option.help,
                "group": option.group,
                "kind": option.kind,
                "metavar": option.metavar,
                "minimum": option.minimum,
                "choices": list(option.choices),
                "default": option.default if isinstance(option.default, bool | int | str) else None,
            }
            for option in options_of("run")
            if not option.refused
        ]
    }

"""Which cell is being executed, as far as the front end tells."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["parent_cell", "parent_message"]


def parent_message() -> str:
    """Return the ID of the message that is being handled: it stands for the cell; empty outside of a kernel."""
    return str(_parent().get("header", {}).get("msg_id", ""))


def parent_cell() -> str:
    """Return the ID of the cell, which is the same when it is executed again; empty if the front end does not tell."""
    return str(_parent().get("metadata", {}).get("cellId", ""))


def _parent() -> dict[str, Any]:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    kernel = getattr(shell, "kernel", None)
    return dict(kernel.get_parent("shell")) if kernel is not None else {}

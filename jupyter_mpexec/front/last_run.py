"""The notebook variable that holds the last run."""

from __future__ import annotations

import sys

__all__ = ["LAST_RUN", "is_last"]

LAST_RUN = "_run"
"""Its name; it holds runs that failed, too."""


def is_last(run: object) -> bool:
    """Tell whether a run is in it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and shell.user_ns.get(LAST_RUN) is run

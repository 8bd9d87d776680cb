"""What all routes have in common: who may ask, what is an answer, and what is an error."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from jupyter_mpexec.errors import JupyterMpexecError

from .places import NotFoundError
from .readers import OutdatedError, Readers

__all__ = ["RESOURCE", "Handler", "allowed"]

RESOURCE = "mpexec"
"""What an authorizer of the server is asked about."""

_LARGEST_BODY = 4 * 2**20

Result = TypeVar("Result")


def allowed(method: Callable[..., Any]) -> Any:
    """Let only those call a method of a handler who are logged in, and may use this part of the server."""
    return web.authenticated(authorized(method, resource=RESOURCE))


class Handler(APIHandler):  # type: ignore[misc,unused-ignore]  # the server ships only a part of its types
    """A route; `APIHandler` refuses requests of other origins, and changes without the XSRF token."""

    auth_resource = RESOURCE

    def initialize(self, readers: Readers) -> None:
        """Take what all routes share."""
        self.readers = readers

    @property
    def root(self) -> Path:
        """The folder that the server shows.

        Raises
        ------
        NotFoundError
            Raised if it shows none, but something that is not on disk.
        """
        root = getattr(self.contents_manager, "root_dir", "")
        if not root:
            raise NotFoundError("This server shows no files on disk.")
        return Path(root)

    async def aside(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Do something that takes its time on a thread, so that the server goes on."""
        return await asyncio.get_running_loop().run_in_executor(None, work, *arguments)

    def question(self) -> dict[str, Any]:
        """Read the body of the request: an object, or nothing.

        Raises
        ------
        HTTPError
            Raised if it is something else, or too large.
        """
        if len(self.request.body) > _LARGEST_BODY:
            raise web.HTTPError(413, "The request is too large.")
        try:
            body = json.loads(self.request.body or b"{}")
        except ValueError as error:
            raise web.HTTPError(400, "The request is no JSON.") from error
        if not isinstance(body, dict):
            raise web.HTTPError(400, "The request is no JSON object.")
        return body

    def number(self, name: str, default: int) -> int:
        """Read a number from the query of the address."""
        try:
            return int(self.get_query_argument(name, str(default)))
        except ValueError as error:
            raise web.HTTPError(400, f"{name} must be a number.") from error

    def reply(self, answer: Any) -> None:
        """Answer with JSON."""
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(answer, default=str))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with the message and the hint of an error that is meant for people."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, JupyterMpexecError):
            statuses = {NotFoundError: 404, OutdatedError: 409}
            self.set_status(statuses.get(type(error), 400))
            self.set_header("Content-Type", "application/json")
            self.finish(json.dumps({"message": error.message, "hint": error.hint}))
        else:
            super().write_error(status_code, **kwargs)

    def log_exception(self, kind: Any, error: Any, trace: Any) -> None:
        """Leave what is meant for people out of the log of the server."""
        if not isinstance(error, JupyterMpexecError):
            super().log_exception(kind, error, trace)

"""The routes below ``mpexec/``: what can be asked, and how."""

from __future__ import annotations

import atexit
from typing import Any

from jupyter_server.utils import url_path_join
from tornado import web

from . import run_answers
from .handler import Handler, allowed
from .option_answers import options_answer
from .places import NotFoundError, find_file, named_run
from .readers import OutdatedError, Readers, file_stamp
from .run_reports import RunReports
from .run_summaries import RunSummaries

__all__ = ["ROUTES", "add_routes"]

_GRAPHS = (".qg", ".qgraph")
_PIPELINES = (".yaml", ".yml")
_REPORTS = RunReports()
_SUMMARIES = RunSummaries()


class Runs(Handler):
    """All runs."""

    @allowed
    async def get(self) -> None:
        """List them."""
        self.reply(await self.aside(run_answers.list_runs, _SUMMARIES))


class OneRun(Handler):
    """A run."""

    @allowed
    async def get(self, name: str) -> None:
        """Say how far it is, if that has changed."""
        folder, since = named_run(name), self.get_query_argument("since", "")
        self.reply(await self.aside(lambda: run_answers.details(folder, _REPORTS, since=since)))

    @allowed
    async def delete(self, name: str) -> None:
        """Remove its folder."""
        self.reply(await self.aside(run_answers.delete, named_run(name), _REPORTS))


class Report(Handler):
    """The report of a run."""

    @allowed
    async def get(self, name: str) -> None:
        """Write it."""
        self.reply(await self.aside(run_answers.report, named_run(name), _REPORTS))


class Stop(Handler):
    """The end of a run."""

    @allowed
    async def post(self, name: str) -> None:
        """Stop it."""
        interrupt = bool(self.question().get("interrupt", False))
        folder = named_run(name)
        self.reply(await self.aside(lambda: run_answers.stop(folder, interrupt=interrupt)))


class Resume(Handler):
    """Going on with a run."""

    @allowed
    async def post(self, name: str) -> None:
        """Go on."""
        self.reply(await self.aside(run_answers.resume, named_run(name)))


class _OfGraph(Handler):
    async def ask(self, **question: Any) -> None:
        """Answer from the graph file that the address names: by its path, or as that of a run.

        Each answer has the stamp of the file. A question that has one is about the file as it was then.
        """
        name = self.get_query_argument("run", "")
        if name:
            path = named_run(name).graph_file
            if path.is_symlink() or not path.is_file():
                raise NotFoundError(f"The run {name} has kept no quantum graph.")
        else:
            path = find_file(self.root, self.get_query_argument("path", ""), _GRAPHS)
        stamp = file_stamp(path)
        if self.get_query_argument("stamp", stamp) != stamp:
            raise OutdatedError("The file has been written anew.", hint="Open it once more.")
        answer = await self.readers.ask("graph", path, **question)
        self.reply({**answer, "stamp": stamp})


class Graph(_OfGraph):
    """A quantum graph file."""

    @allowed
    async def get(self) -> None:
        """Summarise it."""
        await self.ask(do="summary")


class Prepare(Handler):
    """A quantum graph file that will perhaps be asked for."""

    @allowed
    async def post(self) -> None:
        """Start what reads it."""
        await self.readers.prepare("graph")
        self.reply({})


class Quanta(_OfGraph):
    """The quanta of a quantum graph file."""

    @allowed
    async def get(self) -> None:
        """List a page of them."""
        await self.ask(
            do="quanta",
            task=self.get_query_argument("task", ""),
            where=self.get_query_argument("where", ""),
            first=self.number("first", 0),
            count=self.number("count", 100),
        )


class Quantum(_OfGraph):
    """One quantum of a file."""

    @allowed
    async def get(self) -> None:
        """Say what it needs and feeds."""
        await self.ask(do="quantum", quantum_id=self.get_query_argument("id", ""))


class Pipeline(Handler):
    """The text of a pipeline file."""

    @allowed
    async def post(self) -> None:
        """Draw it, or say what is wrong."""
        question = self.question()
        path, text = question.get("path"), question.get("text")
        if not isinstance(path, str) or not isinstance(text, str):
            raise web.HTTPError(400, "path and text must be strings.")
        file = find_file(self.root, path, _PIPELINES)
        types = bool(question.get("dataset_types", False))
        self.reply(await self.readers.ask("pipeline", file, do="pipeline", text=text, dataset_types=types))


class Options(Handler):
    """The options of ``%pipetask run``."""

    @allowed
    async def get(self) -> None:
        """List them."""
        self.reply(options_answer())


_RUN = r"runs/([^/]+)"

ROUTES: tuple[tuple[str, type[Handler]], ...] = (
    ("runs", Runs),
    (_RUN, OneRun),
    (f"{_RUN}/report", Report),
    (f"{_RUN}/stop", Stop),
    (f"{_RUN}/resume", Resume),
    ("graph", Graph),
    ("graph/prepare", Prepare),
    ("graph/quanta", Quanta),
    ("graph/quantum", Quantum),
    ("pipeline", Pipeline),
    ("options", Options),
)
"""Address below ``mpexec/``, and what answers there."""


def add_routes(app: Any) -> None:
    """Add all routes to a server, below its base URL."""
    readers = Readers()
    atexit.register(readers.close)
    base = app.web_app.settings["base_url"]
    app.web_app.add_handlers(
        ".*$",
        [(url_path_join(base, "mpexec", address), cls, {"readers": readers}) for address, cls in ROUTES],
    )

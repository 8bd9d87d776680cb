"""What a process has to know to execute a run that another process asked for, in the run's folder."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import pickle
import sys
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from lsst.daf.butler import ButlerConfig
from lsst.pipe.base.quantum_graph_executor import QuantumExecutor
from lsst.utils.doImport import doImport

from ..errors import JournalError, QuantumGraphError, UsageError
from .built_graph import BuiltQuantumGraph
from .by_value import classes_of_main, dumps_by_value
from .collections import OutputCollections
from .execution_options import ExecutionOptions
from .graph_file import read_graph
from .graph_options import GraphOptions
from .log_state import LogState
from .repository import open_butler
from .run_folder import RunFolder
from .single_quantum_executor import SingleQuantumExecutor

__all__ = ["RunRequest"]

_SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """A run, as it was asked for.

    Parameters
    ----------
    repository
        URI of the Butler repository.
    plan
        The collections of the run.
    graph_options
        What the graph was built with, as far as it can be written down.
    options
        How to execute the graph.
    command
        The equivalent shell command, word by word.
    pipeline_words
        The part of it that makes the pipeline.
    from_file
        The graph was read from a file.
    done
        Identifiers of quanta that another run into the same collection has done.
    search_path
        Where Python looked for modules.
    quantum_executor
        Makes the executor of single quanta.
    """

    repository: str
    plan: OutputCollections
    graph_options: GraphOptions
    options: ExecutionOptions
    command: tuple[str, ...] = ()
    pipeline_words: tuple[str, ...] = ()
    from_file: bool = False
    done: frozenset[uuid.UUID] = frozenset()
    search_path: tuple[str, ...] = field(default_factory=lambda: search_path())
    quantum_executor: Callable[..., QuantumExecutor] = SingleQuantumExecutor

    @classmethod
    def of(
        cls,
        built: BuiltQuantumGraph,
        options: ExecutionOptions,
        *,
        command: tuple[str, ...],
        done: frozenset[uuid.UUID],
        quantum_executor: Callable[..., QuantumExecutor],
    ) -> Self:
        """Make the request to execute a graph."""
        return cls(
            repository=built.repository_uri,
            plan=built.plan,
            # Tables in memory have done their work: they are in the graph.
            graph_options=built.options.replace(
                data_id_tables=tuple(t for t in built.options.data_id_tables if isinstance(t, str))
            ),
            options=options,
            command=command,
            pipeline_words=built.pipeline_words if built.options.has_words else (),
            from_file=built.from_file,
            done=done,
            quantum_executor=quantum_executor,
        )

    def save(self, folder: RunFolder) -> None:
        """Write the request into the folder of the run; the graph goes there too (see `save_graph`).

        Raises
        ------
        UsageError
            Raised if the executor of quanta cannot be handed to another process.
        JournalError
            Raised if the folder cannot be written to.
        """
        record = {
            "schema": _SCHEMA,
            "repository": self.repository,
            "plan": dataclasses.asdict(self.plan),
            "graph_options": dataclasses.asdict(self.graph_options),
            "options": dataclasses.asdict(self.options),
            "command": self.command,
            "pipeline_words": self.pipeline_words,
            "from_file": self.from_file,
            "done": sorted(map(str, self.done)),
            "search_path": self.search_path,
        }
        objects = self._pack_objects()
        with _writeable():
            folder.objects_file.touch(mode=0o600)
            folder.objects_file.write_bytes(objects)
            folder.request_file.touch(mode=0o600)
            folder.request_file.write_text(json.dumps(record, default=str), encoding="utf-8")

    def with_processes(self, processes: int | None) -> Self:
        """Ask for another number of processes; None for the same.

        Raises
        ------
        UsageError
            Raised if the other options do not go with that.
        """
        if processes is None:
            return self
        return dataclasses.replace(self, options=dataclasses.replace(self.options, processes=processes))

    def save_options(self, folder: RunFolder) -> None:
        """Write the options anew, and leave all else as it is; only for who owns the run."""
        with _readable(folder), _writeable():
            record = json.loads(folder.request_file.read_text(encoding="utf-8"))
            options = json.loads(json.dumps(dataclasses.asdict(self.options), default=str))
            if record["options"] != options:
                # All at once: without its request, nobody could go on with the run.
                draft = folder.request_file.with_suffix(".tmp")
                draft.touch(mode=0o600)
                draft.write_text(json.dumps({**record, "options": options}), encoding="utf-8")
                draft.replace(folder.request_file)

    @staticmethod
    def save_graph(folder: RunFolder, built: BuiltQuantumGraph) -> None:
        """Write the graph into the folder of the run.

        Raises
        ------
        JournalError
            Raised if the folder cannot be written to.
        """
        with _writeable():
            # Where the file is, all of it is there.
            draft = folder.graph_file.with_stem("draft")
            built.components.write(str(draft))
            draft.chmod(0o600)
            draft.rename(folder.graph_file)

    @classmethod
    def load(cls, folder: RunFolder) -> Self:
        """Read a request.

        Raises
        ------
        JournalError
            Raised if there is none, or it is damaged.
        """
        with _readable(folder):
            record = json.loads(folder.request_file.read_text(encoding="utf-8"))
            if record.pop("schema") > _SCHEMA:
                raise JournalError(f"The run {folder.name} was made by a later version of jupyter_mpexec.")
            return cls(
                plan=_made(OutputCollections, record.pop("plan")),
                graph_options=_made(GraphOptions, record.pop("graph_options")),
                options=_made(ExecutionOptions, record.pop("options")),
                done=frozenset(map(uuid.UUID, record.pop("done"))),
                **{name: _tuple(value) for name, value in record.items()},
            )

    def with_objects(self, folder: RunFolder) -> Self:
        """Take over classes of the notebook that asked for the run, as far as there are none of their names here.

        Python then looks for modules also where the notebook found its own.

        Returns
        -------
        request
            The same request, with its executor of quanta.

        Raises
        ------
        JournalError
            Raised if they cannot be read, or need what cannot be imported.
        """
        add_to_search_path(self.search_path)
        with _readable(folder):
            objects: Mapping[str, bytes] = pickle.loads(folder.objects_file.read_bytes())
        # A graph finds its classes by module and name: those of a notebook must be found in `__main__`.
        main = vars(sys.modules["__main__"])
        try:
            for name, value in pickle.loads(objects["main"]).items():
                main.setdefault(name, value)
            return dataclasses.replace(self, quantum_executor=pickle.loads(objects["quantum_executor"]))
        except (ImportError, AttributeError) as error:
            raise JournalError(
                f"What the run {folder.name} needs cannot be imported: {error}.",
                hint="Go on with it where it can: in the notebook that began it, or with its folder in PYTHONPATH.",
            ) from error

    @staticmethod
    def take_over_logging(folder: RunFolder) -> None:
        """Log as the process does that asked for the run; for good."""
        with _readable(folder):
            objects: Mapping[str, bytes] = pickle.loads(folder.objects_file.read_bytes())
        state: LogState = pickle.loads(objects["logging"])
        state.apply()

    def execution(self, *, is_resumed: bool) -> ExecutionOptions:
        """Get how to execute the graph.

        Parameters
        ----------
        is_resumed
            The run was broken off, and is gone on with.
        """
        # What was made ready when the run began is not made again; what is in the way of quanta goes.
        return dataclasses.replace(self.options, clobber_outputs=True) if is_resumed else self.options

    def graph(self, folder: RunFolder) -> BuiltQuantumGraph:
        """Read the graph.

        Raises
        ------
        JupyterMpexecError
            Raised if it cannot be read any more, or the repository is gone.
        """
        config = ButlerConfig(self.repository)
        try:
            with open_butler(config) as butler:
                components = read_graph(folder.graph_file, butler)
        except QuantumGraphError as error:
            # The graph itself cannot be built again: the run has one of its own.
            raise QuantumGraphError(
                error.message, hint="Run its command again, with --extend-run."
            ) from error
        return BuiltQuantumGraph(
            components=components,
            repository=config,
            plan=self.plan,
            options=self.graph_options,
            pipeline_words=self.pipeline_words,
            from_file=self.from_file,
        )

    def _pack_objects(self) -> bytes:
        main = classes_of_main()
        if (fixup := self.options.graph_fixup).startswith("__main__."):
            main[fixup.removeprefix("__main__.")] = doImport(fixup)
        try:
            executor = dumps_by_value(self.quantum_executor)
        except Exception as error:
            raise UsageError(
                f"{self.quantum_executor!r} cannot be sent to other processes: {error}",
                hint="Give it only attributes that can be pickled, or use one process.",
            ) from error
        return pickle.dumps(
            {
                "main": dumps_by_value(main),
                "logging": pickle.dumps(LogState.of_this_process()),
                "quantum_executor": executor,
            }
        )


def search_path() -> tuple[str, ...]:
    """List where Python looks for modules, so that another process can do so whatever folder it is in."""
    return tuple(str(Path(place or ".").absolute()) for place in sys.path)


def add_to_search_path(places: Iterable[str]) -> None:
    """Have Python look in more places, after all others."""
    known = set(search_path())
    sys.path += [place for place in places if place not in known and Path(place).is_dir()]


@contextlib.contextmanager
def _writeable() -> Any:
    try:
        yield
    except OSError as error:
        raise JournalError(
            f"The folder of the run cannot be written to: {error}.",
            hint="Set JUPYTER_MPEXEC_DATA to a folder on a disk with space that you may write to.",
        ) from error


@contextlib.contextmanager
def _readable(folder: RunFolder) -> Any:
    try:
        yield
    except FileNotFoundError as error:
        raise JournalError(
            f"The run {folder.name} cannot be gone on with: {error.filename} is not there.",
            hint="Run its command again, with --extend-run.",
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise JournalError(
            f"The run {folder.name} cannot be gone on with: a file in {folder.path} is damaged ({error}).",
            hint="Run its command again, with --extend-run.",
        ) from error


def _made(cls: Any, values: Mapping[str, Any]) -> Any:
    known = {f.name for f in dataclasses.fields(cls)}
    return cls(**{name: _tuple(value) for name, value in values.items() if name in known})


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value

"""What ``--show`` prints of a pipeline or a quantum graph."""

from __future__ import annotations

import fnmatch
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from lsst.pex.config import Config
from lsst.pex.config.callStack import StackFrame
from lsst.pex.config.history import format as format_history
from lsst.pipe.base import Pipeline
from lsst.pipe.base.pipeline_graph import PipelineGraph, TaskNode, visualization

from jupyter_mpexec.errors import OptionError, TaskNotFoundError, did_you_mean

__all__ = ["GRAPH_ITEMS", "PIPELINE_ITEMS", "check_items", "show_pipeline", "split_item", "wants_graph"]

PIPELINE_ITEMS = (
    "config", "dump-config", "history", "inputs", "pipeline", "pipeline-graph", "subsets", "task-graph",
    "tasks",
)  # fmt: skip
"""Items that need a pipeline only."""

GRAPH_ITEMS = ("graph", "uri", "workflow")
"""Items that need a quantum graph."""

_OUR_FILES = StackFrame(__file__, 0, "").filename.removesuffix("execution/show.py")
"""What the names of the files of this package begin with, as they are in a history."""

_NO_CASE = ":NOIGNORECASE"


def split_item(item: str) -> tuple[str, str]:
    """Split ``config=isr::*`` into ``config`` and ``isr::*``."""
    name, _, value = item.partition("=")
    return name, value


def wants_graph(item: str) -> bool:
    """Whether an item needs a quantum graph."""
    return split_item(item)[0] in GRAPH_ITEMS


def check_items(items: Sequence[str]) -> None:
    """Check that all items exist.

    Raises
    ------
    OptionError
        Raised if one does not.
    """
    known = (*PIPELINE_ITEMS, *GRAPH_ITEMS)
    for item in items:
        name, value = split_item(item)
        if name not in known:
            raise OptionError(
                f"--show cannot show {name!r}.",
                hint=did_you_mean(name, known) or f"Choose from {', '.join(sorted(known))}.",
            )
        if name == "history" and not value:
            raise OptionError("--show history needs a field.", hint="Write history=TASK::FIELD.")


def show_pipeline(
    items: Sequence[str], pipeline: Callable[[], Pipeline], graph: Callable[[], PipelineGraph]
) -> Iterator[str]:
    """Yield the text of each pipeline item; items of a quantum graph are passed over.

    Parameters
    ----------
    items
        The values of ``--show``.
    pipeline, graph
        Make what an item may need: the pipeline, and its resolved graph.

    Raises
    ------
    OptionError
        Raised if nothing matches what a config item asks for.
    TaskNotFoundError
        Raised if it names a task that is not there.
    """
    for item in items:
        name, value = split_item(item)
        match name:
            case "pipeline":
                yield f"{pipeline()}\n"
            case "subsets":
                yield _subsets(pipeline().subsets)
            case "config":
                yield _config(graph(), value)
            case "dump-config":
                yield "".join(_dump(node, with_imports=True) for node in _tasks(graph(), value))
            case "history":
                yield _history(graph(), value)
            case "tasks":
                yield "".join(_subtasks(node) for node in graph().tasks.values())
            case "inputs":
                yield _inputs(graph())
            case "pipeline-graph" | "task-graph":
                stream = io.StringIO()
                visualization.show(graph(), stream, dataset_types=name == "pipeline-graph")
                yield stream.getvalue()


def _subsets(subsets: Mapping[str, set[str]]) -> str:
    return "".join(
        f"{name}:\n" + "".join(f"  - {label}\n" for label in sorted(labels))
        for name, labels in subsets.items()
    )


def _tasks(graph: PipelineGraph, name: str | None) -> list[TaskNode]:
    nodes = [
        node
        for node in graph.tasks.values()
        if not name or name in (node.label, node.task_class_name.rpartition(".")[2])
    ]
    if not nodes:
        hint = did_you_mean(name or "", graph.tasks) or f"It has: {', '.join(graph.tasks) or 'none'}."
        raise TaskNotFoundError(f"The pipeline has no task {name!r}.", hint=hint)
    return nodes


def _heading(node: TaskNode) -> str:
    return f"### Configuration for task `{node.label}'\n"


def _dump(node: TaskNode, *, with_imports: bool) -> str:
    stream = io.StringIO()
    node.config.saveToStream(stream, root="config", skipImports=not with_imports)
    return _heading(node) + stream.getvalue()


def _split_pattern(value: str) -> tuple[str | None, str, bool]:
    """Split ``TASK::config.PATTERN:NOIGNORECASE`` into task, pattern and whether case counts."""
    task, found, pattern = value.rpartition("::")
    case_counts = pattern.endswith(_NO_CASE)
    return (task if found else None), pattern.removesuffix(_NO_CASE).removeprefix("config."), case_counts


def _config(graph: PipelineGraph, value: str) -> str:
    task, pattern, case_counts = _split_pattern(value)
    nodes = _tasks(graph, task)
    if not pattern:
        return "".join(_dump(node, with_imports=False) for node in nodes)
    matcher = re.compile(fnmatch.translate(pattern), 0 if case_counts else re.IGNORECASE)
    return "".join(_heading(node) + "".join(_fields(node.config, matcher)) for node in nodes)


def _fields(config: Config, matcher: re.Pattern[str]) -> Iterator[str]:
    """Yield field, documentation and value of the matching fields."""

    class Pieces(list[str]):
        # A config writes each field, with its documentation, in one piece.
        write = list.append

    pieces = Pieces()
    config.saveToStream(pieces, root="config", skipImports=True)
    for piece in pieces:
        found = re.search(r"^config\.([^=\s]+)\s*=", piece, re.MULTILINE)
        if found and matcher.match(found[1]):
            yield piece


def _history(graph: PipelineGraph, value: str) -> str:
    task, pattern, _ = _split_pattern(value)
    pieces = []
    for node in _tasks(graph, task):
        for name in fnmatch.filter(node.config.names(), pattern):
            path, _, field = name.rpartition(".")
            # The path may have keys in brackets; it comes from the config itself: evaluating it does no harm.
            owner = eval(f"config.{path}" if path else "config", {"config": node.config})
            if hasattr(owner, "history") and field in owner.history:
                history = format_history(_WithoutOurFrames(owner, field), field)
                pieces.append(f"### History of {name} in task `{node.label}'\n{history}\n")
    if not pieces:
        raise OptionError(f"No config field matches {pattern!r}.", hint="See --show config for all fields.")
    return "\n".join(pieces)


class _WithoutOurFrames:
    """The history of a field, as upstream's function wants it, without what led here: notebook, kernel, this package.

    Parameters
    ----------
    config
        The config that the field belongs to.
    field
        Name of the field.
    """

    def __init__(self, config: Config, field: str) -> None:
        self._name = config._name
        self.history = {
            field: [(value, _behind_ours(stack), label) for value, stack, label in config.history[field]]
        }


def _behind_ours(stack: list[StackFrame]) -> list[StackFrame]:
    ours = [number for number, frame in enumerate(stack) if frame.filename.startswith(_OUR_FILES)]
    behind = stack[ours[-1] + 1 :] if ours else stack
    # Upstream leaves out methods like `__set__`, and wants something to be left.
    return behind if any(not frame.function.startswith("__") for frame in behind) else stack


def _subtasks(node: TaskNode) -> str:
    lines = [f"### Subtasks of `{node.label}' ({node.task_class_name})\n"]
    lines += [f"{name}: {target}\n" for name, target in _configurables(node.config)]
    return "".join(lines)


def _configurables(config: Config, prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in sorted(config.items()):
        if hasattr(value, "target") and hasattr(value, "value"):
            target = value.target
            yield f"{prefix}{name}", f"{target.__module__}.{getattr(target, '__qualname__', target)}"
            if isinstance(value.value, Config):
                yield from _configurables(value.value, f"{prefix}{name}.")


def _inputs(graph: PipelineGraph) -> str:
    return "".join(
        f"{name} {node.dimensions} {node.storage_class_name}\n"
        for name, node in sorted(graph.iter_overall_inputs())
        if node is not None
    )

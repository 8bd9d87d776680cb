"""A rerun of an open quantum that pauses: at breakpoints, and at what happens in every quantum."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeGuard, cast, get_args

from lsst.daf.butler import DatasetRef
from lsst.pipe.base import PipelineTask, Task

from ...debug.breakpoints import Breakpoint
from ...debug.collisions import check_collisions
from ...debug.session import DebugSession
from ...errors import UsageError, did_you_mean
from .configured_task import ConfigChange
from .handover import take_out
from .patched_versions import PatchedVersions
from .task_parts import patched_methods, subtasks_of

if TYPE_CHECKING:
    from .open_quantum import OpenQuantum

__all__ = ["BreakAt", "PauseAt", "add_breakpoint", "debug_quantum"]

PauseAt = Literal["entry", "get", "put", "subtasks", "exception"]

BreakAt = str | Callable[..., Any] | tuple[str | Callable[..., Any], int | str]
"""``"file.py:42"``, ``"CalibrateTask.run"``, a function, or one of the latter two with a line: its number or text."""

_LIBRARY = ("lsst.pipe.base", "lsst.daf", "lsst.pex", "lsst.utils", "builtins")


def debug_quantum(
    opened: OpenQuantum,
    break_at: BreakAt | Sequence[BreakAt],
    *,
    pause_at: Iterable[PauseAt] | None,
    config: ConfigChange | None,
    on_change: Callable[[DebugSession], object] | None,
    start: bool,
) -> DebugSession:
    """Make a session; see `OpenQuantum.debug`."""
    places = _as_list(break_at)
    wanted = tuple(pause_at) if pause_at is not None else ("exception",) if places else ("entry", "exception")
    for word in wanted:
        if word not in get_args(PauseAt):
            hint = did_you_mean(word, get_args(PauseAt)) or f"There are: {', '.join(get_args(PauseAt))}."
            raise UsageError(f"A quantum cannot be paused at {word!r}.", hint=hint)
    # Now, so that what is wrong is told here, and before the run is asked for the quantum.
    check_collisions()
    opened.prepare(config)
    session: DebugSession

    def observe(what: Literal["get", "put"], ref: DatasetRef) -> None:
        values = ", ".join(f"{name}={value}" for name, value in ref.dataId.required.items())
        session.pause_here(f"{what} {ref.datasetType.name}({values})", point=what, otherwise="runQuantum")

    def on_task(task: PipelineTask) -> None:
        session.breakpoints.look_up(PatchedVersions(task))
        _announce(task, session)

    def call() -> object:
        return opened.take(opened.prepare(config, observer=observe, on_task=on_task).run())

    session = DebugSession(
        call,
        name=opened.name,
        modules=_modules(opened.task),
        on_change=on_change,
        remarks=lambda: opened.remarks,
    )
    for word in wanted:
        if word != "exception":
            session.breakpoints.add_point(word)
    session.breakpoints.exceptions = "uncaught" if "exception" in wanted else "never"
    for place in places:
        add_breakpoint(session, place, opened.task)
    opened.warn_of_missing_inputs()
    with take_out(opened):
        if start:
            session.start()
    return session


def _as_list(break_at: BreakAt | Sequence[BreakAt]) -> list[BreakAt]:
    if isinstance(break_at, str) or callable(break_at):
        return [break_at]
    return [break_at] if _is_pair(break_at) else list(cast("Sequence[BreakAt]", break_at))


def _is_pair(places: object) -> TypeGuard[tuple[str | Callable[..., Any], int | str]]:
    """Tell a place with a line, by its number or a part of its text, from two places."""
    if not isinstance(places, tuple) or len(places) != 2:
        return False
    line = places[1]
    return isinstance(line, int) or (isinstance(line, str) and not re.fullmatch(r"[\w.]+|.*:\d+", line))


def _modules(task: PipelineTask) -> list[str]:
    """Name the modules that the task and its subtasks are written in, but for those of the framework."""
    names = {cls.__module__ for each in subtasks_of(task) for cls in type(each).__mro__}
    return sorted(name for name in names if not name.startswith(_LIBRARY))


def add_breakpoint(
    session: DebugSession, place: BreakAt, task: PipelineTask, *, condition: str = ""
) -> Breakpoint:
    """Add a place to pause at.

    Parameters
    ----------
    session
        The session.
    place
        As for `OpenQuantum.debug`.
    task
        The task, whose methods may be named, and those of its subtasks.
    condition
        An expression; pause only where it is true.
    """
    line: int | str | None = None
    if isinstance(place, tuple):
        place, line = place
    if isinstance(place, str) and ":" not in place:
        return session.breakpoints.add(_method(place, task), line=line, condition=condition)
    return session.breakpoints.add(place, line=line, condition=condition)


def _method(name: str, task: PipelineTask) -> Callable[..., Any]:
    """Find a method of the task or a subtask, as it is with patches: ``CalibrateTask.run``, or just ``run``."""
    class_name, _, method = name.rpartition(".")
    class_name = class_name.rpartition(".")[2]
    known: dict[str, type] = {}
    for each in subtasks_of(task):
        for cls in type(each).__mro__:
            known.setdefault(cls.__name__, cls)
    if class_name and class_name not in known:
        hint = did_you_mean(class_name, known) or "Name the task's class, or write file.py:42."
        raise UsageError(f"The task of this quantum has no part of class {class_name!r}.", hint=hint)
    if not class_name and method in known:
        raise UsageError(f"{method} is a class.", hint=f"Name one of its methods, as in {method}.run.")
    cls = known[class_name] if class_name else type(task)
    # What was patched as a method of a base class is in the class that patches have made.
    own = (type(each) for each in subtasks_of(task) if patched_methods(each).get(method) is cls)
    if not callable(found := getattr(next(own, cls), method, None)):
        hint = did_you_mean(method, dir(cls)) or "Write Class.method, or file.py:42."
        raise UsageError(f"{cls.__name__} has no method {method!r}.", hint=hint)
    function: Callable[..., Any] = found
    return function


def _announce(task: PipelineTask, session: DebugSession) -> None:
    """Have a task tell the session where it is; the functions themselves stay as they are."""
    # On the objects, not on their classes, so that nothing else in the process changes.
    vars(task)["runQuantum"] = _announced(session, task.runQuantum, "runQuantum", "entry")
    for each in subtasks_of(task):
        run = getattr(each, "run", None)
        if each is not task and callable(run):
            vars(each)["run"] = _announced(session, run, f"{_name(each)}.run", "subtasks", after=True)


def _announced(
    session: DebugSession,
    function: Callable[..., Any],
    name: str,
    point: str,
    *,
    after: bool = False,
) -> Callable[..., Any]:
    inner = session.boundary(function, name)

    def call(*args: Any, **kwargs: Any) -> Any:
        session.pause_soon(f"entry of {name}", point=point)
        value = inner(*args, **kwargs)
        if after:
            session.pause_here(f"exit of {name}", point=point)
        return value

    return call


def _name(task: Task) -> str:
    return task.getName() or type(task).__name__

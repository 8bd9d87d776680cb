"""A method of a task, written anew for reruns of one quantum."""

from __future__ import annotations

import ast
import inspect
import itertools
import linecache
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from lsst.pipe.base import Task

from ...errors import UsageError, did_you_mean
from .class_scope import parse_in_class, private_name
from .patched_versions import PATCH_FILE, note_version
from .task_parts import own_class, patched_methods, real_classes, subtasks_of

__all__ = ["Patch", "methods_of", "subtasks_of"]

_numbers = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Patch:
    """A new version of a method.

    It holds for the tasks that are made for reruns of the quantum it was given to; their classes stay as they are.

    Parameters
    ----------
    class_name
        Name of the task class.
    method
        Name of the method.
    source
        The text of the new method, and of functions that it needs.
    original
        The text of the old one; empty if that is not known.
    file
        What tracebacks and the debugger call the text.
    namespace
        Names of the notebook that the method may use beside those of its module.
    """

    class_name: str
    method: str
    source: str
    original: str = ""
    file: str = ""
    namespace: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    _made: dict[type, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Class and method in one text, ``CalibrateTask.run``."""
        return f"{self.class_name}.{self.method}"

    @classmethod
    def make(
        cls, target: str, source: str, task: Task, *, namespace: Mapping[str, Any] | None = None
    ) -> Patch:
        """Check a new version of a method, and make a patch of it.

        Parameters
        ----------
        target
            Class and method, ``CalibrateTask.run``.
        source
            The text of the method; other functions and imports may be beside it.
        task
            The task that it is for; its subtasks count too.
        namespace
            Names of the notebook.

        Raises
        ------
        UsageError
            Raised if there is no such task or method, or the text does not define it.
        """
        class_name, _, method = target.strip().rpartition(".")
        class_name = class_name.rpartition(".")[2]
        if not class_name or not method.isidentifier():
            raise UsageError(
                f"{target!r} names no method of a task.", hint="Write for example: %%patch CalibrateTask.run"
            )
        method = private_name(class_name, method)
        owner = _find_class(class_name, method, task)
        source = textwrap.dedent(source).strip("\n") + "\n"
        _check_source(source, class_name, method, target)
        file = f"{PATCH_FILE}{next(_numbers)} of {class_name}.{method}>"
        # Tracebacks and the debugger find the text there, as that of a notebook's cells.
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        patch = cls(
            class_name=class_name,
            method=method,
            source=source,
            original=_source_of(owner, method),
            file=file,
            namespace=dict(namespace or {}),
        )
        patch._function(owner)
        return patch

    def apply(self, task: Task) -> int:
        """Have a task and its subtasks use the new version; returns how many of them do."""
        count = 0
        for each in subtasks_of(task):
            classes = real_classes(each)
            owner = next((cls for cls in classes if cls.__name__ == self.class_name), None)
            if owner is None:
                continue
            count += 1
            # The written class stays as it is, so that nothing else in the process changes.
            own = own_class(each)
            patched = patched_methods(each)
            # Where two classes of a task have the same method patched, the first is asked, as ever.
            if classes.index(owner) <= classes.index(patched.get(self.method, owner)):
                setattr(own, self.method, self._function(owner))
                patched[self.method] = owner
        return count

    def to_json(self) -> dict[str, str]:
        """Make a plain record for journal and metadata."""
        return {"name": self.name, "source": self.source, "original": self.original}

    def _function(self, owner: type) -> Any:
        """Make what the class is to have, once: the function, or what decorators made of it."""
        if owner not in self._made:
            self._made[owner] = self._make_function(owner)
        return self._made[owner]

    def _make_function(self, owner: type) -> Any:
        tree = parse_in_class(self.source, self.class_name, self.file)
        # As if it stood in the body of the class: `super()` looks for this name around the function.
        maker = ast.parse("def make(__class__):\n    return None")
        function = maker.body[0]
        assert isinstance(function, ast.FunctionDef)
        ending = ast.Return(ast.Name(self.method, ast.Load()))
        function.body = [*tree.body, ending]
        ast.fix_missing_locations(maker)
        module = sys.modules.get(owner.__module__)
        names = {**self.namespace, **(vars(module) if module is not None else {})}
        try:
            exec(compile(maker, self.file, "exec"), names)
            # `exec` has left it there; the method itself is to see the names of its module only.
            made = names.pop("make")(owner)
        except SyntaxError as error:
            raise _no_python(self.name, error) from error
        except (Exception, SystemExit) as error:
            raise UsageError(
                f"The new {self.name} cannot be made: {type(error).__name__}: {error}"
            ) from error
        if isinstance(made, FunctionType):
            # What tracebacks and errors of a wrong call name: not how it was made.
            made.__qualname__ = self.name
            made.__code__ = made.__code__.replace(co_qualname=self.name)
        note_version(getattr(owner, self.method), made)
        return made


def methods_of(task: Task) -> list[str]:
    """List what may be patched: methods that a task and its parts have of their own, as ``Class.method``."""
    found: dict[str, None] = {}
    for each in subtasks_of(task):
        for cls in real_classes(each):
            if not cls.__module__.startswith(("lsst.pipe.base", "lsst.pex", "builtins")):
                names = (
                    name
                    for name, value in vars(cls).items()
                    if inspect.isfunction(inspect.unwrap(value)) and not name.startswith("__")
                )
                found |= dict.fromkeys(f"{cls.__name__}.{name}" for name in names)
    return list(found)


def _find_class(class_name: str, method: str, task: Task) -> type:
    known: dict[str, type] = {}
    for each in subtasks_of(task):
        for cls in real_classes(each):
            if cls not in (object, Task):
                known.setdefault(cls.__name__, cls)
    owner = known.get(class_name)
    if owner is None:
        hint = did_you_mean(class_name, known) or f"Its classes: {', '.join(known)}."
        raise UsageError(f"The task of this quantum has no part of class {class_name!r}.", hint=hint)
    methods = [name for name in dir(owner) if not name.startswith("__")]
    if not hasattr(owner, method):
        hint = did_you_mean(method, methods) or "Helpers can be defined in the same cell."
        raise UsageError(f"{class_name} has no method {method!r}.", hint=hint)
    if method in ("__init__", "__new__"):
        raise UsageError(
            "The constructor of a task cannot be patched: the task has been made before.",
            hint="Change its config; or mend the class, and run what failed once more with again().",
        )
    for each in subtasks_of(task):
        for cls in real_classes(each):
            if cls is owner:
                break
            if owner in real_classes(each) and method in vars(cls):
                raise UsageError(
                    f"{cls.__name__} has a {method!r} of its own, so that of {class_name} would not be used.",
                    hint=f"Patch it there: %%patch {cls.__name__}.{method}",
                )
    return owner


def _no_python(name: str, error: SyntaxError) -> UsageError:
    return UsageError(f"The new {name} is no Python: {error.msg} (line {error.lineno}).")


def _check_source(source: str, class_name: str, method: str, target: str) -> None:
    try:
        tree = parse_in_class(source, class_name)
    except SyntaxError as error:
        raise _no_python(target, error) from error
    names = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    names |= {
        t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)
    }
    if method not in names:
        raise UsageError(
            f"The text defines no {method!r}.",
            hint=f"Write the whole method, as in the class: def {method}(self, …)",
        )


def _source_of(owner: type, method: str) -> str:
    try:
        return textwrap.dedent(inspect.getsource(inspect.unwrap(getattr(owner, method))))
    except (OSError, TypeError):
        return ""

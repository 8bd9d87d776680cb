"""The code of a task as a cell to edit and run: the body of ``run`` or ``runQuantum``, and the loads that it needs."""

from __future__ import annotations

import ast
import builtins
import inspect
import keyword
import re
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lsst.pipe.base import PipelineTask

from ...errors import RunError

if TYPE_CHECKING:
    from .open_quantum import OpenQuantum

__all__ = ["task_code"]


def task_code(opened: OpenQuantum, *, variable: str = "_quantum") -> str:
    """Write the code of a quantum's task for a cell.

    If the task has a ``runQuantum`` of its own, it is that, and writes to memory; otherwise it is the body of ``run``,
    and ``outputs`` has what it returns.

    Parameters
    ----------
    opened
        The quantum.
    variable
        What the notebook calls it.

    Raises
    ------
    RunError
        Raised if there is no source.
    """
    cls = type(opened.task)
    if "runQuantum" in _own_methods(cls):
        return _run_quantum(opened, cls, variable)
    return _run(opened, cls, variable)


def _run(opened: OpenQuantum, cls: type, variable: str) -> str:
    function, owner = _find(cls, "run")
    source = _Source(function, owner)
    loads = [f"self = {variable}.task"]
    parameters = source.parameters
    for name in parameters:
        if name in opened.inputs:
            loads.append(f"{name} = {variable}.inputs[{name!r}]")
        elif (default := source.defaults.get(name)) is not None:
            loads.append(f"{name} = {default}")
    if source.keywords:
        rest = [name for name in opened.inputs if name not in parameters]
        loads.append(f"{source.keywords} = {{name: {variable}.inputs[name] for name in {rest!r}}}")
    return _cell(opened, source, loads)


def _run_quantum(opened: OpenQuantum, cls: type, variable: str) -> str:
    function, owner = _find(cls, "runQuantum")
    source = _Source(function, owner)
    values = (f"{variable}.context(butler)", "inputs_and_outputs[0]", "inputs_and_outputs[1]")
    loads = [
        f"self = {variable}.task",
        f"butler = {variable}.sandbox()  # in memory: nothing is written",
        f"inputs_and_outputs = {variable}.connections.buildDatasetRefs({variable}.quantum)",
        *(f"{name} = {value}" for name, value in zip(source.parameters, values, strict=False)),
    ]
    return _cell(opened, source, loads, ending="outputs = dict(butler.written)")


def _cell(opened: OpenQuantum, source: _Source, loads: list[str], ending: str = "") -> str:
    lines = [f"# {source.title}, for {opened.name}: edit, and run."]
    lines += [*source.imports, "", *loads, "", source.body()]
    if ending:
        lines.append(ending)
    lines.append("outputs")
    return "\n".join(lines)


class _Source:
    """The source of a method, taken apart."""

    def __init__(self, function: Any, owner: type) -> None:
        try:
            self._text = textwrap.dedent(inspect.getsource(function))
        except (OSError, TypeError) as error:
            raise RunError(
                f"There is no source of {owner.__name__}.{function.__name__}.",
                hint="It was not read from a file.",
            ) from error
        [definition] = ast.parse(self._text).body
        assert isinstance(definition, ast.FunctionDef), "A method is a function."
        self._definition = definition
        self._function = function
        self._owner = owner
        self.title = f"{owner.__name__}.{function.__name__}"

    @property
    def parameters(self) -> list[str]:
        """Names of the parameters, without ``self``."""
        arguments = self._definition.args
        return [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)][1:]

    @property
    def keywords(self) -> str:
        """Name of the parameter that takes all other keywords; empty if there is none."""
        rest = self._definition.args.kwarg
        return rest.arg if rest is not None else ""

    @property
    def defaults(self) -> dict[str, str]:
        """Default values, as text."""
        arguments = self._definition.args
        positional = [*arguments.posonlyargs, *arguments.args]
        values = dict(zip((each.arg for each in positional[::-1]), arguments.defaults[::-1], strict=False))
        pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        values |= {each.arg: value for each, value in pairs if value is not None}
        return {name: ast.unparse(value) for name, value in values.items()}

    @property
    def imports(self) -> list[str]:
        """Statements for the names of its module that the body uses."""
        module = inspect.getmodule(self._function)
        assert module is not None, "A task's class is in a module."
        used = {node.id for node in ast.walk(self._definition) if isinstance(node, ast.Name)}
        names = [n for n in sorted(used) if n in vars(module) and not hasattr(builtins, n)]
        if self._has_super and self._owner.__name__ in vars(module):
            names = sorted({*names, self._owner.__name__})
        modules = [n for n in names if inspect.ismodule(vars(module)[n])]
        others = [n for n in names if n not in modules]
        lines = [_import_module(vars(module)[n].__name__, n) for n in modules]
        if others and module.__name__ != "__main__":
            lines.append(f"from {module.__name__} import {', '.join(others)}")
        return lines

    @property
    def _has_super(self) -> bool:
        return bool(re.search(r"\bsuper\(\)", self._text))

    def body(self) -> str:
        """Write the body as it would stand in a cell; as a function, if it returns in several places."""
        statements = self._definition.body
        first = statements[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(statements) > 1:
            # The docstring.
            statements = statements[1:]
        text = _super_spelled_out(self._text, self._owner.__name__)
        last = statements[-1]
        nested = [n for each in statements for n in _returns(each) if n is not last]
        if nested:
            return self._as_function(text)
        lines = text.splitlines()
        start = min([s.lineno, *(d.lineno for d in getattr(s, "decorator_list", ()))][0] for s in statements)
        kept = lines[_begin_with_comments(lines, start - 1) :]
        if isinstance(last, ast.Return):
            index = last.lineno - 1 - (len(lines) - len(kept))
            value = "None" if last.value is None else None
            kept[index] = re.sub(r"^(\s*)return\b ?", r"\1outputs = ", kept[index]) + (value or "")
        return textwrap.dedent("\n".join(kept))

    def _as_function(self, text: str) -> str:
        name = self._definition.name
        arguments = ["self", *self.parameters, *([f"**{self.keywords}"] if self.keywords else [])]
        positional = len(self._definition.args.posonlyargs) + len(self._definition.args.args)
        words = arguments[:positional] + [
            word if word.startswith("**") else f"{word}={word}" for word in arguments[positional:]
        ]
        return f"{text.rstrip()}\n\n\noutputs = {name}({', '.join(words)})"


def _own_methods(cls: type) -> Iterable[str]:
    """Names that a task or its base classes define, up to `PipelineTask`."""
    return {name for each in cls.__mro__ if each not in PipelineTask.__mro__ for name in vars(each)}


def _find(cls: type, name: str) -> tuple[Any, type]:
    for each in cls.__mro__:
        if name in vars(each):
            return inspect.unwrap(vars(each)[name]), each
    raise RunError(f"{cls.__name__} has no method {name!r}.")


def _returns(node: ast.AST) -> list[ast.Return]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
        return []
    if isinstance(node, ast.Return):
        return [node]
    return [found for child in ast.iter_child_nodes(node) for found in _returns(child)]


def _begin_with_comments(lines: list[str], start: int) -> int:
    while start > 0 and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    return start


def _super_spelled_out(text: str, owner: str) -> str:
    return re.sub(r"\bsuper\(\)", f"super({owner}, self)", text)


def _import_module(module: str, name: str) -> str:
    assert name.isidentifier(), "It is a name in a module."
    assert not keyword.iskeyword(name), "It is a name in a module."
    return f"import {module}" if module == name else f"import {module} as {name}"

"""Why a task class cannot be imported, in few words."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
from pathlib import Path
from types import ModuleType

from lsst.pipe.base import PipelineTask

from jupyter_mpexec.errors import did_you_mean

__all__ = ["import_problem", "module_beside_us"]


def import_problem(name: str, error: Exception) -> tuple[str, str]:
    """Explain why a class cannot be imported.

    Parameters
    ----------
    name
        Name of the class, with package and module.
    error
        What importing it has raised.

    Returns
    -------
    reason, hint
        What is wrong, and what to do about it.
    """
    if "." not in name:
        return (
            _end(error),
            f"Give its full name, with package and module; one that is defined in the notebook is {{{name}}}.",
        )
    package = name.partition(".")[0]
    if module_beside_us(name):
        return (
            f"{package} is in this folder, where Python does not look for it.",
            "Set PYTHONPATH=. before.",
        )
    found, rest = _importable(name)
    if found is None or not rest:
        return _end(error), "Check its spelling, and that its package is installed in this environment."
    word = rest[0]
    if len(rest) == 1:
        classes = _tasks(found)
        hint = did_you_mean(word, classes)
        if not hint and classes:
            hint = f"Its tasks: {', '.join(classes)}."
        return f"{found.__name__} has no {word}.", hint or "Check its spelling."
    return f"{found.__name__} has no module {word}.", did_you_mean(
        word, _modules(found)
    ) or "Check its spelling."


def module_beside_us(name: str) -> str:
    """Get the module of a class if its file is in the current folder, but not found by Python; else an empty text."""
    package = name.partition(".")[0]
    if not package or not (Path(f"{package}.py").is_file() or Path(package).is_dir()):
        return ""
    return package if importlib.util.find_spec(package) is None else ""


def _importable(name: str) -> tuple[ModuleType | None, list[str]]:
    """Split a name into the module that can be imported, and the rest; None if one of them is broken itself."""
    found: ModuleType | None = None
    parts = name.split(".")
    for n in range(1, len(parts)):
        path = ".".join(parts[:n])
        try:
            found = importlib.import_module(path)
        except ModuleNotFoundError as error:
            # Otherwise the module is there, and lacks another one.
            return (found, parts[n - 1 :]) if error.name == path else (None, [])
        except Exception:  # what a module of the user does when it is imported
            return None, []
    return found, parts[-1:]


def _tasks(module: ModuleType) -> list[str]:
    return [
        name
        for name, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, PipelineTask) and each is not PipelineTask
    ]


def _modules(package: ModuleType) -> list[str]:
    return [
        path.stem
        for folder in getattr(package, "__path__", [])
        for path in Path(folder).glob("*")
        if path.suffix == ".py" or path.is_dir()
    ]


def _end(error: Exception) -> str:
    return f"{str(error).rstrip('.')}."

"""Errors that are meant for the person at the keyboard.

The tree::

    JupyterMpexecError
    ├── UsageError                 an option or argument is wrong
    │   └── OptionError            a `%pipetask` option; carries a suggestion
    ├── RepositoryError            a Butler repository cannot be opened or written
    ├── CollectionError            a collection is missing, or is in the way
    ├── PipelineError              a pipeline cannot be read or put together
    │   └── TaskNotFoundError      a task label (or class) that is not there
    ├── QuantumGraphError          a quantum graph cannot be built or read
    │   ├── EmptyQuantumGraphError no quanta, with the reasons
    │   │   └── NothingLeftError   all of them are done already
    │   └── QueryError             the data query does not parse
    ├── DebugError                 a debug session cannot do what was asked
    │   ├── BreakpointError        a place to pause at that is not there
    │   └── DebuggerCollisionError another debugger is in the way
    └── RunError                   a run failed, or cannot do what was asked
        ├── RunInterruptedError    stopped by the user
        └── JournalError           a run folder that cannot be read or written

Each message says what is wrong, where (task label, data ID, file, collection) and, in `hint`, what to do about it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "BreakpointError",
    "CollectionError",
    "DebugError",
    "DebuggerCollisionError",
    "EmptyQuantumGraphError",
    "JournalError",
    "JupyterMpexecError",
    "NothingLeftError",
    "OptionError",
    "PipelineError",
    "QuantumGraphError",
    "QueryError",
    "RepositoryError",
    "RunError",
    "RunInterruptedError",
    "TaskNotFoundError",
    "UsageError",
    "did_you_mean",
    "sentence",
]


class JupyterMpexecError(Exception):
    """Base of all errors that this package raises on purpose.

    Parameters
    ----------
    message
        What is wrong, in one or a few sentences.
    hint
        What the reader can do about it.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(JupyterMpexecError, ValueError):
    """An argument or option has a value that makes no sense."""


class OptionError(UsageError):
    """A `%pipetask` option is unknown, malformed or not supported."""


class RepositoryError(JupyterMpexecError):
    """A Butler repository does not exist, is not one, or cannot be written to."""


class CollectionError(JupyterMpexecError):
    """A collection does not exist, has the wrong type, or already exists."""


class PipelineError(JupyterMpexecError):
    """A pipeline cannot be read, changed or put together."""


class TaskNotFoundError(PipelineError, LookupError):
    """A pipeline has no such task label or subset, or a task class cannot be imported."""


class QuantumGraphError(JupyterMpexecError):
    """A quantum graph cannot be built, read or written."""


class EmptyQuantumGraphError(QuantumGraphError):
    """A quantum graph has no quanta; the message says which inputs are missing."""


class NothingLeftError(EmptyQuantumGraphError):
    """A quantum graph has no quanta, because they have all been run before."""


class QueryError(QuantumGraphError, ValueError):
    """A data query (``-d``, ``where``) cannot be parsed, or names something unknown."""


class DebugError(JupyterMpexecError):
    """A debug session cannot do what was asked: it is not paused, or has ended."""


class BreakpointError(DebugError, ValueError):
    """There is no code at a place to pause at, or no such place."""


class DebuggerCollisionError(DebugError):
    """Another debugger or tracer is active where only one can be."""


class RunError(JupyterMpexecError):
    """A run failed, or cannot do what was asked of it."""


class RunInterruptedError(RunError):
    """A run was stopped before its end; what had finished is kept."""


class JournalError(RunError):
    """The journal of a run cannot be read or written."""


def sentence(text: object) -> str:
    """End a text, such as somebody else's error, with one full stop.

    Examples
    --------
    >>> sentence("No such file"), sentence("Not installed.")
    ('No such file.', 'Not installed.')
    """
    return f"{str(text).rstrip().rstrip('.')}."


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the nearest known word.

    Parameters
    ----------
    word
        What was typed.
    known
        What would have been right.

    Returns
    -------
    suggestion
        ``"Did you mean 'isr'?"``, or an empty string if nothing is near.

    Examples
    --------
    >>> did_you_mean("caliberate", ["isr", "calibrate"])
    "Did you mean 'calibrate'?"
    """
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"Did you mean {near[0]!r}?" if near else ""

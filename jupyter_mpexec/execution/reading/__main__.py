"""``python -m jupyter_mpexec.execution.reading``: answers questions about one file, a line of JSON each.

The file may come from anybody: whatever it makes this process do, the one that asked is not touched. The first line
names the file, which may come long after the process was started; no answer is given to it. A question is an object
with ``do`` and keyword arguments; an answer has ``result``, or ``error`` and ``hint``, or it is ``outdated``: somebody
has edited a module that was imported for the file, and only another process can answer.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

from jupyter_mpexec.errors import JupyterMpexecError, sentence

from .imported_modules import ImportedModules

__all__ = ["main"]

_READERS = {"graph": "graph_reader.read_graph", "pipeline": "pipeline_reader.PipelineReader"}

_MEMORY = 2 * 2**30
_CPU_SECONDS = 600


def main() -> None:
    """Answer until nobody asks any more."""
    [kind] = sys.argv[1:]
    _limit()
    questions, answers = sys.stdin.buffer, _own_output()
    module, _, name = _READERS[kind].partition(".")
    make = getattr(importlib.import_module(f"{__package__}.{module}"), name)
    first = questions.readline()
    if not first:
        return
    path = json.loads(first)["path"]
    reader: Any = None
    modules = ImportedModules()
    for line in questions:

        def answer(line: bytes = line) -> Any:
            nonlocal reader
            reader = reader or make(path)
            question = json.loads(line)
            return getattr(reader, question.pop("do"))(**question)

        given = {"outdated": True} if modules.have_changed() else _try(answer)
        modules.remember()
        answers.write(json.dumps(given, default=str).encode() + b"\n")
        answers.flush()


def _try(answer: Callable[[], Any]) -> dict[str, Any]:
    try:
        return {"result": answer()}
    except JupyterMpexecError as error:
        return {"error": error.message, "hint": error.hint}
    except MemoryError:
        return {"error": "The file needs more memory than a viewer may take.", "hint": ""}
    except Exception as error:  # a damaged file can fail in any of five parsers
        reason = sentence(" ".join(str(error).split())[:300] or type(error).__name__)
        return {
            "error": f"The file cannot be read: {reason}",
            "hint": "It is damaged, or was written by a version that does not fit.",
        }


def _limit() -> None:
    """Give up what a reader does not need; for good."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for kind, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CPU, _CPU_SECONDS)):
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, hard))


def _own_output() -> BinaryIO:
    """Keep standard output for answers; what anybody prints goes to standard error."""
    sys.stdout.flush()
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return own


if __name__ == "__main__":
    main()

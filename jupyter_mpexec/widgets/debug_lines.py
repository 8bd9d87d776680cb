"""The lines of code that do the same as the debugging pane, and the notebook's variables that are in them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jupyter_mpexec.debug import Breakpoint

from .debug_places import Place, code_for

if TYPE_CHECKING:
    from jupyter_mpexec.execution.run import Run
    from jupyter_mpexec.execution.workbench.open_quantum import OpenQuantum

__all__ = [
    "QUANTUM",
    "SESSION",
    "breakpoint_line",
    "evaluate_code",
    "open_line",
    "opened_in_notebook",
    "push",
    "start_line",
]

QUANTUM = "_quantum"
"""The variable that ``%quantum`` puts the quantum into, and ``%%patch`` takes it from."""

SESSION = "_debug"
"""The variable that the pane puts the session into."""


_LAST_RUN = "_run"


def push(values: Mapping[str, Any]) -> None:
    """Put variables into the notebook, if there is one."""
    shell = _shell()
    if shell is not None:
        shell.push(dict(values))


def opened_in_notebook(run: Run, quantum_id: str) -> OpenQuantum | None:
    """Get the quantum if ``%quantum`` has opened it already, so that its patches and reruns count."""
    shell = _shell()
    found = shell.user_ns.get(QUANTUM) if shell is not None else None
    if found is not None and found.run is run and str(found.id) == quantum_id:
        return found  # type: ignore[no-any-return]  # whatever is under that name has these two
    return None


def open_line(run: Run, opened: OpenQuantum) -> str:
    """Write the code that opens a quantum."""
    values = "".join(f", {name}={value!r}" for name, value in opened.data_id.items())
    return f"{QUANTUM} = {name_of(run)}.quantum({opened.task_label!r}{values})"


def start_line(pause_at: Sequence[str], places: list[Place]) -> str:
    """Write the code that starts debugging a quantum that is open."""
    arguments = [*([code_for(places)] if places else []), f"pause_at={list(pause_at)!r}"]
    return f"{SESSION} = {QUANTUM}.debug({', '.join(arguments)})"


def name_of(run: Run) -> str:
    """Return the notebook's variable that a run is in; where there is none, it is put into the one for the last run."""
    shell = _shell()
    if shell is None or shell.user_ns.get(_LAST_RUN) is run:
        return _LAST_RUN
    for name, value in list(shell.user_ns.items()):
        if value is run and not name.startswith("_"):
            return str(name)
    push({_LAST_RUN: run})
    return _LAST_RUN


def evaluate_code(source: str, frame: int) -> str:
    """Write the code that evaluates in a frame."""
    place = f", frame={frame}" if frame else ""
    return f"{SESSION}.evaluate({source!r}{place})"


def breakpoint_line(one: Breakpoint) -> str:
    """Write the code that adds a breakpoint: at its line, which every breakpoint but a point has."""
    condition = f", condition={one.condition!r}" if one.condition else ""
    return f"{SESSION}.breakpoints.add({f'{one.file}:{one.line}'!r}{condition})"


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None

"""The line of ``%quantum``: what is asked for, and the quantum that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_mpexec.errors import OptionError, RunError, did_you_mean

from .last_quantum import LAST_QUANTUM
from .last_run import LAST_RUN
from .words import split_words

if TYPE_CHECKING:
    from jupyter_mpexec.execution.run import Run
    from jupyter_mpexec.execution.workbench.open_quantum import OpenQuantum

__all__ = ["FLAGS", "HELP", "QuantumCommand", "open_quantum", "parse_quantum", "run_of"]

HELP = f"""\
%quantum TASK [DIMENSION=VALUE ...]   open a quantum of the last run: its inputs and its task get names in the notebook
%quantum ID                           the same, by the identifier of the quantum
%quantum --failed                     open the quantum that failed last
%quantum                              show the open quantum, which is in the variable {LAST_QUANTUM}

--code         insert a cell with the code of the task, and what it needs, ready to edit and run
--run NAME     a quantum of another run (see %pipetask runs), or {{run}} for a run in a variable
--no-names     do not put anything into the namespace but {LAST_QUANTUM}
--help         this text"""

FLAGS = ("--failed", "--code", "--run", "--no-names", "--help")


@dataclass(frozen=True, kw_only=True)
class QuantumCommand:
    """What the line asks for.

    Parameters
    ----------
    which
        Task label or identifier; empty for the open quantum.
    data_id
        Values by dimension.
    run
        Name of a run, or a run; None for the last one.
    failed, wants_code, wants_help, binds
        As the flags say.
    """

    which: str = ""
    data_id: Mapping[str, Any] = field(default_factory=dict)
    run: Any = None
    failed: bool = False
    wants_code: bool = False
    wants_help: bool = False
    binds: bool = True


def parse_quantum(line: str, namespace: Mapping[str, Any]) -> QuantumCommand:
    """Parse the line.

    Raises
    ------
    OptionError
        Raised if it makes no sense.
    """
    words = split_words(line, namespace)
    values: dict[str, Any] = {}
    data_id: dict[str, Any] = {}
    plain: list[str] = []
    while words:
        word = words.pop(0)
        text = word.text
        if text.startswith("-"):
            flag, equals, rest = text.partition("=")
            if flag not in FLAGS:
                hint = did_you_mean(flag, FLAGS) or "%quantum --help lists them."
                raise OptionError(f"%quantum has no option {flag!r}.", hint=hint)
            if flag == "--run":
                if not equals and not words:
                    raise OptionError("--run needs the name of a run.", hint="%pipetask runs lists them.")
                values["run"] = rest if equals else words.pop(0).value
            else:
                name = {"--failed": "failed", "--code": "wants_code", "--help": "wants_help"}.get(flag)
                values[name or "binds"] = name is not None
        elif "=" in text:
            name, _, value = text.partition("=")
            data_id[name] = value
        else:
            plain.append(text)
    if len(plain) > 1:
        raise OptionError(
            f"%quantum takes one task, not {' and '.join(plain)}.",
            hint="Write a data ID as visit=42 detector=7.",
        )
    if values.get("failed") and (plain or data_id):
        raise OptionError("--failed names a quantum already.", hint="Leave out the task, or --failed.")
    if data_id and not plain:
        raise OptionError("Which task?", hint="Write for example: %quantum calibrate visit=42 detector=7")
    return QuantumCommand(which=plain[0] if plain else "", data_id=data_id, **values)


def open_quantum(command: QuantumCommand, namespace: Mapping[str, Any]) -> OpenQuantum:
    """Find the quantum that is asked for.

    Raises
    ------
    JupyterMpexecError
        Raised if there is none.
    """
    if not command.which and not command.failed:
        current: OpenQuantum | None = namespace.get(LAST_QUANTUM)
        if current is None:
            raise OptionError("No quantum is open.", hint="Open one: %quantum TASK dimension=value …")
        return current
    run = run_of(command.run, namespace)
    if not command.failed:
        quantum = run.quantum(command.which, **command.data_id)
        opened: OpenQuantum | None = namespace.get(LAST_QUANTUM)
        if command.wants_code and opened and (opened.run.id, opened.id) == (run.id, quantum.id):
            # For its code alone it is not opened anew, which would forget what has been tried.
            return opened
        return quantum
    failures = run.failures
    if not failures:
        raise RunError(f"No quantum of run {run.id} has failed.")
    return failures[-1].open()


def run_of(named: Any, namespace: Mapping[str, Any]) -> Run:
    """Get the run that is meant: one in a variable, one that is named, or else the last one."""
    from jupyter_mpexec.execution.run import Run
    from jupyter_mpexec.execution.runs import attach

    if isinstance(named, Run):
        return named
    if named is not None:
        return attach(str(named))
    last = namespace.get(LAST_RUN)
    return last if isinstance(last, Run) else attach("last")

"""``%quantum`` opens a quantum in the notebook; ``%%patch`` writes a method of its task anew."""

from __future__ import annotations

import builtins
import sys
import weakref
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from IPython.core.magic import (
    Magics,
    line_cell_magic,
    line_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
)

from .failures import without_traceback
from .last_quantum import LAST_QUANTUM

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_mpexec.execution.workbench.open_quantum import OpenQuantum

__all__ = ["QuantumMagics", "register", "unregister"]

_bound: MutableMapping[InteractiveShell, dict[str, Any]] = weakref.WeakKeyDictionary()
"""By shell: what `%quantum` has put into the notebook's namespace; reloading the extension does not forget it."""


@magics_class
class QuantumMagics(Magics):
    """Open quanta, and patches."""

    @no_var_expand
    @needs_local_scope
    @line_magic
    def quantum(self, line: str, local_ns: dict[str, Any] | None = None) -> object:
        """Open a quantum: `%quantum calibrate visit=42 detector=7`; `%quantum --help` tells more."""
        with without_traceback():
            return self._quantum(line, local_ns or {})

    @no_var_expand
    @line_cell_magic
    def patch(self, line: str, cell: str | None = None) -> object:
        """Write a method of the open quantum's task anew: `%%patch CalibrateTask.run`, and the method below."""
        with without_traceback():
            return self._patch(line, cell)

    def _quantum(self, line: str, local_ns: dict[str, Any]) -> object:
        from .quantum_command import HELP, open_quantum, parse_quantum

        assert self.shell is not None, "Registered by a shell."
        namespace = {**self.shell.user_ns, **local_ns}
        command = parse_quantum(line, namespace)
        if command.wants_help:
            _say(HELP)
            return None
        quantum = open_quantum(command, namespace)
        self.shell.push({LAST_QUANTUM: quantum})
        if command.wants_code:
            from jupyter_mpexec.execution.workbench.task_code import task_code

            self.shell.set_next_input(task_code(quantum, variable=LAST_QUANTUM))
            return None
        if command.binds:
            _say(self._bind(quantum))
        return quantum

    def _bind(self, quantum: OpenQuantum) -> str:
        """Put inputs and task into the notebook's namespace; nothing that is the user's own is overwritten."""
        assert self.shell is not None, "Registered by a shell."
        inputs = quantum.inputs
        exists = inputs.exists
        missing = [name for name in inputs if inputs.refs_of(name) and not exists[name]]
        values = {name: inputs[name] for name in inputs if name not in missing}
        values |= {"task": quantum.task, "q": quantum}
        names: dict[str, str] = {}
        bound: dict[str, Any] = {}
        earlier = _bound.get(self.shell, {})
        taken = {
            name
            for name, value in self.shell.user_ns.items()
            # What an earlier %quantum has put there, and nobody has changed, may go.
            if not (name in earlier and earlier[name] is value)
        }
        for name, value in values.items():
            chosen = name
            while chosen in taken or chosen in bound or hasattr(builtins, chosen):
                chosen = f"{quantum.task_label}_{chosen}" if chosen == name else f"{chosen}_"
            bound[chosen] = value
            names[name] = chosen
        self.shell.push(bound)
        _bound[self.shell] = bound
        moved = [f"{name} as {chosen}" for name, chosen in names.items() if name != chosen]
        note = f"\nThese names were taken: {', '.join(moved)}." if moved else ""
        if missing:
            note += f"\nNot there: {', '.join(missing)}. {quantum.waiting}".rstrip()
        return f"In the notebook now: {', '.join(names.values())}.{note}"

    def _patch(self, line: str, cell: str | None) -> object:
        from jupyter_mpexec.errors import UsageError

        assert self.shell is not None, "Registered by a shell."
        quantum: OpenQuantum | None = self.shell.user_ns.get(LAST_QUANTUM)
        if quantum is None:
            raise UsageError(
                "No quantum is open, so there is nothing to patch.",
                hint="Open one: %quantum TASK dimension=value …",
            )
        words = line.split()
        if cell is None:
            if words[:1] == ["--clear"]:
                quantum.unpatch(words[1] if len(words) > 1 else None)
            elif words:
                raise UsageError(
                    "%patch lists patches, and %patch --clear takes them away.",
                    hint=f"To write one, begin a cell with: %%patch {line.strip()}",
                )
            names = ", ".join(patch.name for patch in quantum.patches)
            _say(f"Patched for reruns of {quantum.name}: {names or 'nothing'}.")
            return None
        if len(words) != 1:
            raise UsageError("%%patch takes one method.", hint="Write for example: %%patch CalibrateTask.run")
        patch = quantum.patch(words[0], cell, namespace=dict(self.shell.user_ns))
        _say(f"{patch.name} is patched for reruns of {quantum.name}; run it with: {LAST_QUANTUM}.rerun()")
        return None


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


_MAGICS = {"line": ("quantum", "patch"), "cell": ("patch",)}


def register(shell: InteractiveShell) -> None:
    """Add the magics to a shell."""
    shell.register_magics(QuantumMagics)


def unregister(shell: InteractiveShell) -> None:
    """Take the magics away again."""
    manager = shell.magics_manager
    for kind, names in _MAGICS.items():
        for name in names:
            manager.magics[kind].pop(name, None)
    manager.registry.pop(QuantumMagics.__name__, None)

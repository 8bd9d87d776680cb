"""What ``%load_ext jupyter_mpexec`` sets up, and ``%unload_ext`` takes away."""

from __future__ import annotations

import weakref
from collections.abc import MutableMapping
from typing import TYPE_CHECKING

from jupyter_mpexec.execution import departure

from . import completer, debug_magics, failures, formatters, hover_help, magics, quantum_magics

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["load", "unload"]

_loaded: MutableMapping[InteractiveShell, formatters.Displays] = weakref.WeakKeyDictionary()
"""By shell: the displays that were there before."""


def load(shell: InteractiveShell) -> None:
    """Register magics, completion, displays and the look of errors; the second time nothing happens."""
    if shell in _loaded:
        return
    magics.register(shell)
    quantum_magics.register(shell)
    debug_magics.register(shell)
    completer.register(shell)
    hover_help.register(shell)
    failures.register()
    if shell.has_trait("kernel"):
        # A terminal ends by other means than an interrupt.
        departure.add_host(shell)
    _loaded[shell] = formatters.register(shell)


def unload(shell: InteractiveShell) -> None:
    """Take everything away that `load` registered."""
    before = _loaded.pop(shell, None)
    if before is None:
        return
    formatters.unregister(shell, before)
    departure.remove_host(shell)
    hover_help.unregister(shell)
    completer.unregister(shell)
    if not _loaded:  # it is for all shells of the process
        failures.unregister()
    quantum_magics.unregister(shell)
    debug_magics.unregister(shell)
    magics.unregister(shell)

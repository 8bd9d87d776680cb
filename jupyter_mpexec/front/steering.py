"""``pause``, ``step``, ``resume``, ``retry``, ``cancel`` and ``skip`` for a run that goes on, wherever it does.

Each does it, and returns what there is to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from jupyter_mpexec.errors import OptionError, RunError
from jupyter_mpexec.manage_options import ManageOptions
from jupyter_mpexec.status import RunState

if TYPE_CHECKING:
    from jupyter_mpexec.execution.run_folder import RunFolder

__all__ = ["go_on", "pause", "retry", "steer_quanta", "step"]

_MOST_NAMED = 5


def pause(options: ManageOptions) -> str:
    """Let no further quantum start."""
    from jupyter_mpexec.execution.control_socket import RemoteControl

    folder = _run_to("pause", options)
    RemoteControl(folder).pause()
    return f"The run {folder.name} starts no further quanta; those under way come to their end."


def step(options: ManageOptions) -> str:
    """Let a number of quanta start."""
    from jupyter_mpexec.execution.control_socket import RemoteControl

    folder = _run_to("step", options)
    RemoteControl(folder).step(options.count)
    more = "one more quantum" if options.count == 1 else f"{options.count} more quanta"
    return f"The run {folder.name} starts {more}, and is paused then."


def go_on(folder: RunFolder, options: ManageOptions) -> str:
    """End a pause.

    Parameters
    ----------
    folder
        Folder of a run that goes on.
    options
        The options.
    """
    from jupyter_mpexec.execution.control_socket import RemoteControl
    from jupyter_mpexec.execution.run_entry import run_entry

    if options.processes is not None:
        raise OptionError(
            f"The run {folder.name} goes on: the number of its processes cannot be changed.",
            hint="Leave out -j; or stop the run first.",
        )
    state = run_entry(folder).state
    if state is RunState.STOPPING:
        raise RunError(
            f"The run {folder.name} is stopping.", hint="Go on with it when it has ended, with the same line."
        )
    how = "is getting ready"
    if state is not RunState.PREPARING:
        RemoteControl(folder).resume()
        how = "goes on"
    return f"The run {folder.name} {how}. Watch it with: %pipetask attach {folder.name}"


def retry(folder: RunFolder, options: ManageOptions) -> str:
    """Run quanta once more, within a run that goes on."""
    return _steer(folder, "retry", options.quanta)


def steer_quanta(action: Literal["cancel", "skip"], options: ManageOptions) -> str:
    """Cancel or skip quanta."""
    return _steer(_run_to(action, options), action, options.quanta)


def _steer(folder: RunFolder, action: Literal["retry", "cancel", "skip"], words: Sequence[str]) -> str:
    from jupyter_mpexec.execution.control_socket import RemoteControl
    from jupyter_mpexec.execution.over import over_error
    from jupyter_mpexec.execution.quantum_words import quanta_of_words

    if not folder.is_alive:
        raise over_error(folder)
    chosen = quanta_of_words(folder, words, action)
    getattr(RemoteControl(folder), action)(*chosen.ids)
    done = {"retry": "run again", "cancel": "taken out of the run", "skip": "not run"}[action]
    number = "One quantum is" if len(chosen.ids) == 1 else f"{len(chosen.ids)} quanta are"
    names = ", ".join(chosen.names[:_MOST_NAMED]) + (", …" if len(chosen.names) > _MOST_NAMED else "")
    rest = f" For {chosen.unfit} more there is nothing to do." if chosen.unfit else ""
    return f"{number} {done}: {names}.{rest}"


def _run_to(action: str, options: ManageOptions) -> RunFolder:
    from jupyter_mpexec.execution import run_choice, runs

    [name] = options.runs or (run_choice.run_to_steer(action),)
    return runs.find_run(name)

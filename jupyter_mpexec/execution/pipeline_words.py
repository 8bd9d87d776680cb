"""The options of `pipetask` that make a pipeline."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_mpexec.errors import PipelineError

from .pipeline_actions import ActionKind, PipelineAction

__all__ = ["pipeline_words"]


def pipeline_words(origin: str | None, actions: Sequence[PipelineAction]) -> tuple[str, ...]:
    """Write actions as options.

    Parameters
    ----------
    origin
        Pipeline file that the actions are applied to; empty for an empty pipeline, None for one without a
        file.
    actions
        The actions.

    Raises
    ------
    PipelineError
        Raised if they cannot be written as options.
    """
    missing = [str(action) for action in actions if not action.has_words]
    if origin is None or missing:
        reason = "it has no file" if origin is None else f"pipetask has no option to {missing[0]}"
        raise PipelineError(
            f"No options of pipetask make this pipeline: {reason}.",
            hint="Save it with .save('pipeline.yaml') first, and use that.",
        )
    words = ["-p", origin] if origin else []
    selection = _final_selection(actions)
    for action in actions:
        words += ("--select-tasks", action.value) if action is selection else action.words
    return tuple(words)


def _final_selection(actions: Sequence[PipelineAction]) -> PipelineAction | None:
    """Find the selection that can be left to `pipetask`, which selects once, after all other actions."""
    for action in reversed(actions):
        if action.kind is ActionKind.SELECT:
            return action
        if action.kind in (ActionKind.ADD_TASK, ActionKind.DELETE_TASK, ActionKind.SUBSET):
            return None
    return None

"""Tab completion of ``%pipetask`` (subcommands, options, choices…), ``%quantum``, ``%%patch`` and the debugger's."""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, MutableMapping
from typing import TYPE_CHECKING, Any

from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["register", "unregister"]

_MAGIC = re.compile(r"(?:^|[=\s])%%?(pipetask)\b(.*)\Z", re.DOTALL)
_LINE_MAGIC = re.compile(r"(?:^|[=\s])%%?(quantum|patch|frame|debug_quantum)\b(.*)\Z")

_matchers: MutableMapping[InteractiveShell, Any] = weakref.WeakKeyDictionary()


def register(shell: InteractiveShell) -> None:
    """Add the completion to a shell."""

    @context_matcher(identifier="jupyter_mpexec.pipetask")  # type: ignore[untyped-decorator]  # IPython has no types for it
    def pipetask_matcher(context: CompletionContext) -> dict[str, Any]:
        return _match(context, shell.user_ns)

    _matchers[shell] = pipetask_matcher
    shell.Completer.custom_matchers.append(pipetask_matcher)


def unregister(shell: InteractiveShell) -> None:
    """Take the completion away again."""
    matcher = _matchers.pop(shell, None)
    if matcher in shell.Completer.custom_matchers:
        shell.Completer.custom_matchers.remove(matcher)


def _match(context: CompletionContext, namespace: dict[str, Any]) -> dict[str, Any]:
    found = _command_before_cursor(context)
    if found is None:
        return {"completions": []}
    from .debug_suggestions import suggest_debug_quantum, suggest_frame
    from .quantum_suggestions import suggest_patch, suggest_quantum
    from .suggestions import suggest

    magic, line = found.groups()
    suggesters = {
        "pipetask": suggest,
        "quantum": suggest_quantum,
        "patch": suggest_patch,
        "frame": suggest_frame,
        "debug_quantum": suggest_debug_quantum,
    }
    try:
        fragment, words = suggesters[magic](line, namespace)
    except Exception:
        # Whatever is wrong with the line, the repository or the pipeline: completion is no place to say so.
        return {"completions": []}
    return _result(fragment, words)


def _command_before_cursor(context: CompletionContext) -> re.Match[str] | None:
    """Find the magic, and what stands between it and the cursor."""
    lines = context.full_text.split("\n")
    here = context.text_until_cursor
    if lines and lines[0].lstrip().startswith("%%pipetask"):
        here = "\n".join([*lines[: context.cursor_line], here])
    return _MAGIC.search(here) or _LINE_MAGIC.search(context.text_until_cursor)


def _result(fragment: str, words: Iterable[str]) -> dict[str, Any]:
    completions = [SimpleCompletion(text=word, type="param") for word in words]
    # IPython would offer files and Python names beside ours; where we know nothing, that is right.
    objects = all(each.text.startswith("{") for each in completions)  # which a file may stand in for
    return {
        "completions": completions,
        "matched_fragment": fragment,
        "ordered": True,
        "suppress": bool(completions),
        "do_not_suppress": {"IPCompleter.file_matcher"} if objects else set(),
    }

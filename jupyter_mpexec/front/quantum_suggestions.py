"""What could stand at the cursor of a ``%quantum`` or ``%%patch`` line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .last_quantum import LAST_QUANTUM
from .quantum_command import FLAGS, run_of
from .suggestions import words_before

if TYPE_CHECKING:
    from jupyter_mpexec.execution.workbench.open_quantum import OpenQuantum

__all__ = ["suggest_patch", "suggest_quantum"]


def suggest_quantum(line: str, namespace: Mapping[str, Any]) -> tuple[str, list[str]]:
    """List what could complete a line of ``%quantum``: tasks, dimensions, their values, options; see `suggest`."""
    from jupyter_mpexec.execution.completion import runs
    from jupyter_mpexec.execution.workbench.quantum_choice import data_id_words

    before, current = re.match(r"(?s)(.*?)(\S*)\Z", line).groups()  # type: ignore[union-attr]  # it always matches
    words = words_before(before, namespace)
    if words and words[-1].text == "--run":
        return current, [name for name in (*runs("attach"), "last") if name.startswith(current)]
    if current.startswith("-"):
        return current, [flag for flag in FLAGS if flag.startswith(current)]
    chosen: Any = None
    plain: list[str] = []
    data_id: dict[str, Any] = {}
    for last, word in zip([None, *words], words, strict=False):
        if last is not None and last.text == "--run":
            chosen = word.value
        elif word.text.startswith("--run="):
            chosen = word.text.partition("=")[2]
        elif "=" in word.text:
            name, _, value = word.text.partition("=")
            data_id[name] = value
        elif not word.text.startswith("-"):
            plain.append(word.text)
    built = run_of(chosen, namespace).graph
    if not plain:
        return current, [label for label in built.pipeline_graph.tasks if label.startswith(current)]
    known = data_id_words(built, plain[0], data_id)
    name, equals, value = current.partition("=")
    if equals:
        return value, [each for each in known.get(name, ()) if each.startswith(value)]
    # What is the same for all quanta need not be said.
    telling = [name for name, values in known.items() if len(values) > 1]
    return current, [f"{name}=" for name in telling if name.startswith(current)]


def suggest_patch(line: str, namespace: Mapping[str, Any]) -> tuple[str, list[str]]:
    """List what could complete the line of ``%%patch``: methods of the task of the open quantum; see `suggest`."""
    from jupyter_mpexec.execution.workbench.patch import methods_of

    current = line.lstrip()
    opened: OpenQuantum | None = namespace.get(LAST_QUANTUM)
    if opened is None or " " in current:
        return current, []
    return current, [name for name in methods_of(opened.task) if name.startswith(current)]

"""Help for the word at the cursor of a ``%pipetask`` line, as JupyterLab shows it on Shift-Tab."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from jupyter_mpexec.options import SUBCOMMANDS, Option, options_of

from .suggestions import value_of, words_before

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["explain", "register", "unregister"]

_MAGIC = re.compile(r"(?:^|[=\s])%%?pipetask\b")
_LABELLED = ("delete", "config", "config_file")
_COLLECTIONS = ("input", "output", "output_run", "skip_existing_in")
_PATIENCE = 3.0
"""Seconds that a repository has to answer: nobody waits longer for help."""


def register(shell: InteractiveShell) -> None:
    """Have the kernel of a shell answer for our lines; without a kernel nothing asks."""
    kernel: Any = getattr(shell, "kernel", None)
    if kernel is None or "do_inspect" in vars(kernel):
        return
    general = kernel.do_inspect

    def do_inspect(code: str, cursor_pos: int, *arguments: Any, **more: Any) -> Any:
        try:
            text = explain(code, cursor_pos, shell.user_ns)
        except Exception:
            # Whatever is wrong with the line, the repository or the pipeline: help is no place to say so.
            text = ""
        if not text:
            return general(code, cursor_pos, *arguments, **more)
        return {"status": "ok", "found": True, "data": {"text/plain": text}, "metadata": {}}

    # What the protocol of kernels calls; IPython has no place to register help of one's own.
    kernel.do_inspect = do_inspect


def unregister(shell: InteractiveShell) -> None:
    """Leave the answers to the kernel again."""
    kernel: Any = getattr(shell, "kernel", None)
    if kernel is not None:
        vars(kernel).pop("do_inspect", None)


def explain(code: str, cursor: int, namespace: Mapping[str, Any]) -> str:
    """Explain the word at the cursor.

    Parameters
    ----------
    code
        The cell.
    cursor
        Number of characters before the cursor.
    namespace
        Variables of the notebook.

    Returns
    -------
    text
        What the option, subcommand, task, config field or collection is; empty if the cursor is at none.
    """
    start = 0 if code.lstrip().startswith("%%pipetask") else code.rfind("\n", 0, cursor) + 1
    tail = re.match(r"\S*", code[cursor:])[0]  # type: ignore[index]  # it matches nothing, too
    magic = _MAGIC.search(code, start, cursor + len(tail))
    if magic is None or magic.end() >= cursor + len(tail):
        return ""
    before, word = re.match(r"(?s)(.*?)(\S*)\Z", code[magic.end() : cursor] + tail).groups()  # type: ignore[union-attr]  # it always matches
    whole = code[magic.end() :] if start == 0 else code[magic.end() :].split("\n", 1)[0]
    flags = {flag: option for option in options_of() for flag in (*option.flags, *option.off_flags)}
    place = len(word) - len(tail)
    flag, equals, value = word.partition("=")
    if flag in flags:
        here = max(0, place - len(flag) - 1)
        return _value(flags[flag], value, here, whole, namespace) if equals else _option(flags[flag])
    words = words_before(before, namespace)
    waiting = flags.get(words[-1].text) if words else None
    if waiting is not None and waiting.takes_value:
        return _value(waiting, word, place, whole, namespace)
    return f"pipetask {word}: {SUBCOMMANDS[word]}" if word in SUBCOMMANDS else ""  # type: ignore[index]  # it has just been looked up


def _option(option: Option) -> str:
    names = ", ".join([*option.flags, *option.off_flags])
    lines = [f"{names} {option.metavar}".strip(), "", option.refused or option.help]
    if option.choices:
        lines.append(f"One of: {', '.join(option.choices)}")
    if option.kind in ("integer", "number") and option.default is not None:
        lines.append(f"Default: {option.default}")
    return "\n".join(lines)


def _value(option: Option, value: str, place: int, line: str, namespace: Mapping[str, Any]) -> str:
    """Explain what the value names, where that is a task, a field or a collection; otherwise the option."""
    from jupyter_mpexec.execution.completion import collection_help, config_help, task_help

    if option.name in _COLLECTIONS and value:
        name = (value[:place].rpartition(",")[2] + value[place:].partition(",")[0]).strip("'\"")
        repo = value_of("butler_config", words_before(line, namespace))
        return _in_time(lambda: collection_help(repo, name)) or _option(option)

    if option.name in _LABELLED and value:
        label, _, rest = value.strip("'\"").partition(":")
        pipeline = value_of("pipeline", words_before(line, namespace))
        field = rest.partition("=")[0]
        if option.name == "config" and field and (text := config_help(pipeline, label, field)):
            return text
        if text := task_help(pipeline, label):
            return text
    return _option(option)


def _in_time(ask: Callable[[], str]) -> str:
    """Ask on a thread of its own; empty if it fails or takes too long."""
    answers: list[str] = []

    def work() -> None:
        try:
            answers.append(ask())
        except Exception:
            # A repository that is not there, a name with a typo: the option is explained instead.
            answers.append("")

    thread = threading.Thread(target=work, name="mpexec-hover-help", daemon=True)
    thread.start()
    thread.join(_PATIENCE)
    return answers[0] if answers else ""

"""What could stand at the cursor of a ``%pipetask`` line."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from typing import Any

from jupyter_mpexec.errors import JupyterMpexecError
from jupyter_mpexec.manage_options import ManageSubcommand
from jupyter_mpexec.options import SUBCOMMANDS, Option, Subcommand, options_of

from .file_suggestions import suggest_files
from .manage_parser import managing_subcommand
from .option_words import is_flag
from .subcommands import ALL_SUBCOMMANDS, arguments_of, options_for
from .words import Word, split_words

__all__ = ["suggest", "value_of", "words_before"]

_SHOW = (
    "config", "dump-config", "graph", "history=", "inputs", "pipeline", "pipeline-graph", "subsets",
    "task-graph", "tasks", "uri", "workflow",
)  # fmt: skip
_LEVELS = ("CRITICAL", "DEBUG", "ERROR", "INFO", "TRACE", "VERBOSE", "WARNING")
_COLLECTIONS = ("input", "output", "output_run", "skip_existing_in")
_LABELS = ("delete", "config", "config_file")


def suggest(line: str, namespace: Mapping[str, Any]) -> tuple[str, list[str]]:
    """List what could complete a line.

    Parameters
    ----------
    line
        The text between the magic and the cursor.
    namespace
        Variables of the notebook, to look up ``{builder}`` and ``{butler}``.

    Returns
    -------
    fragment
        The last characters of the line, which a suggestion replaces.
    words
        Suggestions, each of which starts with the fragment.
    """
    before, current = re.match(r"(?s)(.*?)(\S*)\Z", line).groups()  # type: ignore[union-attr]  # it always matches
    words = words_before(before, namespace)
    subcommand = _subcommand(words)
    options = [option for option in options_for(subcommand) if not option.refused]
    flags = {flag: option for option in options for flag in (*option.flags, *option.off_flags)}
    flag, equals, value = current.partition("=")
    if equals and flag in flags and flag.startswith("--"):
        return _values(flags[flag], value, words, namespace)
    waiting = flags.get(words[-1].text) if words else None
    if waiting and waiting.takes_value:
        return _values(waiting, current, words, namespace)
    if current.startswith("-"):
        return current, sorted(flag for flag in flags if flag.startswith(current))
    if subcommand is None:
        return current, [name for name in ALL_SUBCOMMANDS if name.startswith(current)]
    return current, _arguments(subcommand, current, words, namespace) if arguments_of(subcommand) else []


def _subcommand(words: list[Word]) -> Subcommand | ManageSubcommand | None:
    # Options may come before those of the one kind, but not before those of the other.
    first = managing_subcommand(words)
    return first or next((s for s in SUBCOMMANDS if any(word.text == s for word in words)), None)


def _arguments(
    subcommand: Subcommand | ManageSubcommand, current: str, words: list[Word], namespace: Mapping[str, Any]
) -> list[str]:
    arguments = [word for word in words[1:] if not is_flag(word)]
    if not arguments or subcommand == "prune":
        return _runs(subcommand, current, words, namespace)
    if subcommand not in ("retry", "cancel", "skip"):
        return []
    from jupyter_mpexec.execution.completion import quanta

    named = {word.text for word in arguments}
    run = getattr(arguments[0].value, "id", arguments[0].text)
    known = quanta(run, subcommand)
    return [name for name in known if name.startswith(current) and name not in named]


def _runs(
    subcommand: Subcommand | ManageSubcommand, current: str, words: list[Word], namespace: Mapping[str, Any]
) -> list[str]:
    """List the runs that a subcommand may be about, the newest first."""
    from jupyter_mpexec.execution.completion import runs

    named = {word.text for word in words}
    variables = [f"{{{name}}}" for name, value in namespace.items() if _is_run(name, value)]
    known = [*runs(subcommand), "last", *variables]
    return [name for name in known if name.startswith(current) and name not in named]


def words_before(text: str, namespace: Mapping[str, Any]) -> list[Word]:
    """Cut a line that is not complete yet into words."""
    try:
        return split_words(text, namespace, names_only=True)
    except JupyterMpexecError:
        # Half a line may have an open quote.
        return [Word((word,)) for word in text.split()]


def _values(
    option: Option, current: str, words: list[Word], namespace: Mapping[str, Any]
) -> tuple[str, list[str]]:
    if option.name == "select_tasks":
        # The last word of an expression such as ">=isr & <co".
        fragment = re.search(r"\w*\Z", current)[0]  # type: ignore[index]  # it matches nothing, too
    elif option.name == "pipeline" and "#" in current:
        fragment = re.split(r"[#,]|\.\.", current)[-1]
    elif option.name == "config" and ":" in current:
        fragment = current.partition(":")[2]
    elif option.name == "log_level":
        fragment = re.split("[,=]", current)[-1]
    else:
        fragment = current.rpartition(",")[2] if option.kind in ("list", "action") else current
    known = sorted(word for word in _known(option, current, words, namespace) if word.startswith(fragment))
    return fragment, known + suggest_files(option.name, fragment) if fragment == current else known


def _known(option: Option, current: str, words: list[Word], namespace: Mapping[str, Any]) -> Iterable[str]:
    if option.name == "pipeline" and "#" in current:
        from jupyter_mpexec.execution.completion import labels as labels_in

        source = split_words(current.partition("#")[0], namespace, names_only=True)
        return labels_in(source[0].value)
    if option.name == "config" and ":" in current:
        from jupyter_mpexec.execution.completion import config_fields

        label = current.partition(":")[0]
        return [f"{name}=" for name in config_fields(value_of("pipeline", words), label)]
    if option.takes_object:
        return [f"{{{name}}}" for name, value in namespace.items() if _is_for(option, name, value)]
    if option.name == "log_level":
        return _LEVELS
    if option.choices:
        return option.choices
    if option.name == "show":
        return _SHOW
    if option.name in _LABELS:
        from jupyter_mpexec.execution.completion import task_labels

        labels = task_labels(value_of("pipeline", words))
        return labels if option.name == "delete" else [f"{label}:" for label in labels]
    if option.name == "select_tasks":
        from jupyter_mpexec.execution.completion import task_labels

        return task_labels(value_of("pipeline", words))
    if option.name in _COLLECTIONS:
        from jupyter_mpexec.execution.completion import collections

        return collections(value_of("butler_config", words))
    return ()


def _is_for(option: Option, name: str, value: Any) -> bool:
    named = any(base.__name__ in option.objects for base in type(value).__mro__)
    return named and not name.startswith("_") and type(value) not in (dict, list)


def _is_run(name: str, value: Any) -> bool:
    return not name.startswith("_") and any(base.__name__ == "Run" for base in type(value).__mro__)


def value_of(name: str, words: list[Word]) -> Any:
    """Find the value of an option on a line that is not complete yet, so that the parser would refuse it."""
    option = next(option for option in options_of() if option.name == name)
    for flag, value in itertools.pairwise(words):
        if flag.text in option.flags:
            return value.value
    for word in words:
        if word.text.startswith(f"{option.flag}=") and (cut := word.cut("=")):
            return cut[1].value
    return None

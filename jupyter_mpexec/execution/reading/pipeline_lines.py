"""In which line of a pipeline file something stands that a message speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

__all__ = ["line_of", "task_lines"]

_WORD = re.compile(r"[A-Za-z_][\w.]*")


def line_of(problem: BaseException | str, text: str) -> int:
    """Find the line that a message is about: the deepest key or value of the file that it names.

    Parameters
    ----------
    problem
        The error (what led to it is read as well), or a message.
    text
        The YAML.

    Returns
    -------
    line
        Number of the line, from 1; the first one if nothing is named.
    """
    words = set(_WORD.findall(_message(problem)))
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return 1
    best, line = (0, False, 0), 1
    for path, number in _scalars(node):
        # A word of the file's own grammar says nothing; what is inside of a task that is named says most.
        named = [word for word in path if word not in _GRAMMAR and _names(words, word)]
        if not named or named[-1] != path[-1]:
            continue
        # Most messages about a task name its class beside what is wrong with it.
        score = (len(named), path[-2:-1] != ("class",), len(path))
        if score > best:
            best, line = score, number
    return line


def task_lines(text: str) -> dict[str, int]:
    """Find the lines in which the tasks of a file begin, by label."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    return {path[1]: number for path, number in _scalars(node) if len(path) == 2 and path[0] == "tasks"}


_GRAMMAR = {
    "description",
    "tasks",
    "class",
    "config",
    "imports",
    "location",
    "include",
    "exclude",
    "subsets",
    "subset",
    "instrument",
    "parameters",
    "contracts",
    "contract",
    "msg",
    "python",
    "file",
}


def _message(problem: BaseException | str) -> str:
    if isinstance(problem, str):
        return problem
    parts: list[str] = []
    error: BaseException | None = problem
    while error is not None and len(parts) < 10:
        parts.append(str(error))
        error = error.__cause__ or error.__context__
    return "\n".join(parts)


def _names(words: set[str], word: str) -> bool:
    return word in words or any(known.rstrip(".") == word for known in words)


def _scalars(node: yaml.Node | None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    """Iterate over keys and values with the keys above them, and their lines."""
    # Not deeper than a pipeline is: what refers to itself would never end.
    if len(path) > 8:
        return
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            yield (*path, name), key.start_mark.line + 1
            yield from _scalars(value, (*path, name))
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _scalars(value, path)
    elif isinstance(node, yaml.ScalarNode):
        yield (*path, str(node.value)), node.start_mark.line + 1

"""The body of a ``%%pipetask`` cell: more options, or a pipeline in YAML."""

from __future__ import annotations

import re

from jupyter_mpexec.errors import OptionError

__all__ = ["first_line", "split_body"]

_OPTION = re.compile(r"-[A-Za-z@]|--[A-Za-z]")
_YAML_KEY = re.compile(r"[A-Za-z_]\w*\s*:(\s|$)")


def first_line(line: str) -> str:
    r"""Take what is no option off the end of a magic's line.

    That is a semicolon, which tells IPython to show no value, or the backslash of a line that goes on in the
    body.

    Examples
    --------
    >>> first_line("run -b repo;"), first_line("run \\")
    ('run -b repo', 'run ')
    """
    line = line.rstrip()
    backslashes = len(line) - len(line.rstrip("\\"))
    return line[:-1] if line.endswith(";") or backslashes % 2 else line


def split_body(body: str) -> tuple[str, str]:
    r"""Tell options from YAML by the first line that is neither blank nor a comment.

    Parameters
    ----------
    body
        The cell, without its first line.

    Returns
    -------
    options
        The body, if it holds options, with continued lines (a backslash at the end) joined.
    pipeline
        The body, if it holds a pipeline. One of the two is empty.

    Raises
    ------
    OptionError
        Raised if the body is neither.

    Examples
    --------
    >>> split_body("-b repo\n-i raw")
    ('-b repo\n-i raw', '')
    """
    for line in body.splitlines():
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if _OPTION.match(text):
            return re.sub(r"\\\n", " ", body), ""
        if _YAML_KEY.match(text) or text == "---":
            return "", body
        raise OptionError(
            f"The cell body starts with {text[:60]!r}, which is neither an option nor the key of a pipeline.",
            hint="Write options such as -b REPO, or a pipeline in YAML: a line such as 'tasks:' comes first.",
        )
    return "", ""

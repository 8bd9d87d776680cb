"""Files that a command writes: whether it will be able to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from lsst.resources import ResourcePath

from jupyter_mpexec.errors import OptionError
from jupyter_mpexec.options import RunOptions

__all__ = ["FILE_OPTIONS", "check_output_files", "why_not_writeable"]

FILE_OPTIONS = (
    "save_pipeline", "pipeline_dot", "pipeline_mermaid", "save_qgraph", "qgraph_dot", "qgraph_mermaid", "summary",
    "profile",
)  # fmt: skip
"""Options that name a file to write."""


def check_output_files(options: RunOptions) -> None:
    """Refuse files that cannot be written, before the work is done that they are to hold.

    Raises
    ------
    OptionError
        Raised if the folder of a file does not exist, or may not be written to.
    """
    for flag, file in _files(options):
        if reason := why_not_writeable(file):
            raise OptionError(
                f"{flag} cannot write {file}: {reason}.", hint="Make the folder first, or name another file."
            )


def why_not_writeable(file: str | os.PathLike[str] | ResourcePath) -> str:
    """Say why a local file cannot be written; empty if it can, as far as that can be told."""
    location = ResourcePath(file if isinstance(file, str | ResourcePath) else os.fspath(file))
    if not location.isLocal:
        return ""
    path = Path(location.ospath)
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    if path.is_dir():
        return "it is a folder"
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        return "permission denied"
    return ""


def _files(options: RunOptions) -> Iterator[tuple[str, str]]:
    for name in FILE_OPTIONS:
        if file := getattr(options, name):
            yield f"--{name.replace('_', '-')}", file
    for file in options.log_file:
        yield "--log-file", file

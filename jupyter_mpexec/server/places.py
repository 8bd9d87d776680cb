"""What requests may name: a run by its identifier, a file below the root folder of the server."""

from __future__ import annotations

import re
from pathlib import Path

from jupyter_mpexec.errors import JupyterMpexecError
from jupyter_mpexec.execution.run_folder import RunFolder, runs_folder

__all__ = ["NotFoundError", "find_file", "named_run"]

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}")
_LONGEST_PATH = 4096
_LONGEST_SAID = 120
"""Identifiers of runs are shorter; anything else may have been asked for."""


class NotFoundError(JupyterMpexecError):
    """There is no such run or file; or it is none that may be asked for."""


def named_run(name: str) -> RunFolder:
    """Find the folder of a run by its whole identifier.

    Raises
    ------
    NotFoundError
        Raised if there is none.
    """
    place = runs_folder()
    folder = place / name
    # A link would lead out of the folder of runs.
    if not _NAME.fullmatch(name) or folder.is_symlink() or not folder.is_dir():
        raise NotFoundError(
            f"There is no run {name[:_LONGEST_SAID]!r}.", hint="It may have been removed meanwhile."
        )
    return RunFolder(folder)


def find_file(root: Path, path: str, suffixes: tuple[str, ...]) -> Path:
    """Find a file below a folder, wherever links may lead.

    Parameters
    ----------
    root
        The folder that the server shows.
    path
        The file, from there, with slashes.
    suffixes
        What its name may end in.

    Returns
    -------
    file
        Its real path.

    Raises
    ------
    NotFoundError
        Raised if there is none, its name ends in something else, or it is not below the folder.
    """
    refused = NotFoundError(f"There is no file {path[-80:]!r} of this kind below the folder of the server.")
    if not path or len(path) > _LONGEST_PATH or "\0" in path or "\\" in path:
        raise refused
    parts = path.strip("/").split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise refused
    try:
        top = root.resolve(strict=True)
        file = top.joinpath(*parts).resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise refused from error
    if not file.is_relative_to(top):
        # Whoever asks can open it in JupyterLab: that it is there is no secret.
        hint = (
            "A link leads out of that folder, and nothing outside of it is read. Copy the file, or start Jupyter in a "
            "folder above both."
        )
        raise NotFoundError(refused.message, hint=hint)
    if not file.is_file() or file.suffix not in suffixes:
        raise refused
    return file

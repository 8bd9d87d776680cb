"""Files that could stand at the cursor, those first that the option is for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

__all__ = ["suggest_files"]

_MOST = 500


def suggest_files(option: str, current: str) -> list[str]:
    """List files and folders for the value of an option.

    Parameters
    ----------
    option
        Name of the option.
    current
        What is typed of the value already.

    Returns
    -------
    words
        Paths as they are to stand there, the likely ones first; none for an option that takes no file.
    """
    rank = _RANKS.get(option)
    if rank is None:
        return []
    name = current.rpartition("/")[2]
    typed = current.removesuffix(name)
    try:
        found = [one for one in Path(typed or ".").expanduser().iterdir() if one.name.startswith(name)]
    except (OSError, RuntimeError):  # the latter for a home that is not there
        return []
    # As in a shell: hidden files only if they are asked for.
    shown = [one for one in found if name.startswith(".") or not one.name.startswith(".")]
    shown.sort(key=lambda one: (rank(one), one.name))
    return [f"{typed}{one.name}{'/' if one.is_dir() else ''}".replace(" ", "\\ ") for one in shown[:_MOST]]


def _by_suffix(*suffixes: str) -> Callable[[Path], int]:
    def rank(path: Path) -> int:
        if path.is_dir():
            return 1
        return 0 if path.suffix in suffixes else 2

    return rank


def _repositories(path: Path) -> int:
    if path.is_dir():
        return 0 if os.path.lexists(path / "butler.yaml") else 1
    return 0 if path.name == "butler.yaml" else 2


_RANKS: dict[str, Callable[[Path], int]] = {
    "pipeline": _by_suffix(".yaml"),
    "butler_config": _repositories,
    "qgraph": _by_suffix(".qg", ".qgraph"),
}

"""The modules that a reader has imported for a file, such as its task classes', and whether one was edited since."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

__all__ = ["ImportedModules"]

_Stamp = tuple[int, int]


class ImportedModules:
    """Watches what is imported from now on."""

    def __init__(self) -> None:
        self._before = frozenset(sys.modules)
        self._stamps: dict[str, _Stamp | None] = {}

    def remember(self) -> None:
        """Take note of what has been imported since the last time."""
        for name, module in tuple(sys.modules.items()):
            if name not in self._before and name not in self._stamps:
                self._stamps[name] = _stamp(module)

    def have_changed(self) -> bool:
        """Tell whether one of them is another one on disk by now."""
        return any(_stamp(sys.modules.get(name)) != stamp for name, stamp in self._stamps.items())


def _stamp(module: ModuleType | None) -> _Stamp | None:
    """When its file was written, and its size; None if it has none, as those of a zip file."""
    file = getattr(module, "__file__", None)
    try:
        about = Path(file).stat() if isinstance(file, str) else None
    except OSError:
        return None
    return about and (about.st_mtime_ns, about.st_size)

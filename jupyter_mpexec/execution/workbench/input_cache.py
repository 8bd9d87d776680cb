"""Inputs that are read once, however often a quantum is run again."""

from __future__ import annotations

import copy
import json
import threading
from typing import Any

from lsst.daf.butler import DatasetRef, StorageClass

from .dataset_reader import DatasetReader

__all__ = ["InputCache"]


class InputCache:
    """Keeps what was read, and gives copies of it: what a task does to its inputs, the next attempt does not see.

    May be used from several threads.

    Parameters
    ----------
    reader
        Reads what is not here yet.

    Attributes
    ----------
    reader
        As given.
    """

    def __init__(self, reader: DatasetReader) -> None:
        self.reader = reader
        self._kept: dict[tuple[object, ...], Any] = {}
        self._lock = threading.Lock()
        self._reads = 0

    @property
    def reads(self) -> int:
        """How often something was read from the repository."""
        return self._reads

    def get(
        self,
        ref: DatasetRef,
        *,
        parameters: dict[str, Any] | None = None,
        storage_class: StorageClass | str | None = None,
    ) -> Any:
        """Get a copy of a dataset; see `lsst.daf.butler.LimitedButler.get`."""
        wanted = storage_class if storage_class is not None else ref.datasetType.storageClass_name
        name = wanted if isinstance(wanted, str) else wanted.name
        key = (ref.id, ref.datasetType.name, name, _key(parameters))
        # No lock while something is read: a debugger may hold the thread there.
        with self._lock:
            is_kept, value = key in self._kept, self._kept.get(key)
        if is_kept:
            return copy.deepcopy(value)
        value = self._read(ref, parameters, storage_class)
        try:
            kept = copy.deepcopy(value)
        except Exception:
            # What cannot be copied is read each time.
            return value
        with self._lock:
            self._kept[key] = kept
        return value

    def stored_many(self, refs: list[DatasetRef]) -> dict[DatasetRef, bool]:
        """Tell which datasets exist."""
        with self.reader.opened() as butler:
            return butler.stored_many(refs)

    def _read(
        self, ref: DatasetRef, parameters: dict[str, Any] | None, storage_class: StorageClass | str | None
    ) -> Any:
        self._reads += 1
        with self.reader.opened() as butler:
            return butler.get(ref, parameters=parameters, storageClass=storage_class)


def _key(parameters: dict[str, Any] | None) -> str:
    return json.dumps(parameters, sort_keys=True, default=repr) if parameters else ""

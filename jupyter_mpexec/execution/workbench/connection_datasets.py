"""Datasets of a quantum by the names of the task's connections, read when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lsst.daf.butler import DatasetRef
from lsst.pipe.base import InputQuantizedConnection, OutputQuantizedConnection
from lsst.pipe.base.connections import DeferredDatasetRef

__all__ = ["ConnectionDatasets"]


class ConnectionDatasets(Mapping[str, Any]):
    """What a quantum reads, or what it writes: values by connection name.

    Where a connection has several datasets, its value is a list; where it defers loading, there are handles.

    Parameters
    ----------
    connections
        Datasets by connection name.
    read
        Reads a dataset.
    defer
        Makes a handle.
    stored
        Tells which datasets exist.
    keeps
        Read each connection only once.

    Attributes
    ----------
    refs
        Dataset refs by connection name.
    """

    def __init__(
        self,
        connections: InputQuantizedConnection | OutputQuantizedConnection,
        *,
        read: Callable[[DatasetRef], Any],
        defer: Callable[[DatasetRef], Any],
        stored: Callable[[list[DatasetRef]], Mapping[DatasetRef, bool]],
        keeps: bool,
    ) -> None:
        # In the same order each time: upstream keeps them in sets.
        self._connections: dict[str, Any] = dict(sorted(connections))
        self.refs: dict[str, DatasetRef | list[DatasetRef] | None] = {
            name: [_ref(each) for each in refs] if isinstance(refs, list | tuple) else _ref(refs)
            for name, refs in self._connections.items()
        }
        self._read = read
        self._defer = defer
        self._stored = stored
        self._values: dict[str, Any] | None = {} if keeps else None

    @property
    def exists(self) -> dict[str, bool]:
        """Whether all datasets of a connection are there, by connection name."""
        wanted = {name: self.refs_of(name) for name in self.refs}
        # What there is of a component, there is of the whole.
        wholes = {
            name: [ref.makeCompositeRef() if ref.isComponent() else ref for ref in refs]
            for name, refs in wanted.items()
        }
        # By identifier: the same dataset may be read in several forms.
        found = self._stored([ref for refs in wholes.values() for ref in refs])
        stored = {ref.id: there for ref, there in found.items()}
        return {name: bool(refs) and all(stored[ref.id] for ref in refs) for name, refs in wholes.items()}

    @property
    def each(self) -> dict[str, DatasetRef]:
        """All datasets, by connection name; where a connection has several, they are numbered."""
        return {
            f"{name}[{number}]" if isinstance(refs, list) else name: ref
            for name, refs in self.refs.items()
            for number, ref in enumerate(self.refs_of(name))
        }

    @property
    def stored(self) -> dict[str, DatasetRef]:
        """Those of `each` that exist."""
        there = self._stored(list(self.each.values()))
        return {name: ref for name, ref in self.each.items() if there[ref]}

    def read(self, ref: DatasetRef) -> Any:
        """Read one dataset."""
        return self._read(ref)

    def refs_of(self, name: str) -> list[DatasetRef]:
        """List the datasets of a connection."""
        refs = self.refs[name]
        if refs is None:
            return []
        return refs if isinstance(refs, list) else [refs]

    def __getitem__(self, name: str) -> Any:
        """Read what a connection stands for."""
        refs = self._connections[name]
        if self._values is not None and name in self._values:
            return self._values[name]
        value = [self._get(ref) for ref in refs] if isinstance(refs, list | tuple) else self._get(refs)
        if self._values is not None:
            self._values[name] = value
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._connections)

    def __len__(self) -> int:
        return len(self._connections)

    def __repr__(self) -> str:
        return f"{{{', '.join(f'{name}: {self._kind(name)}' for name in self)}}}"

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def _kind(self, name: str) -> str:
        refs = self.refs_of(name)
        kind = refs[0].datasetType.storageClass_name if refs else "nothing"
        return f"{len(refs)} × {kind}" if isinstance(self.refs[name], list) else kind

    def _get(self, ref: Any) -> Any:
        if ref is None:
            return None
        if isinstance(ref, DeferredDatasetRef):
            return self._defer(ref.datasetRef)
        return self.read(ref)


def _ref(ref: Any) -> Any:
    return ref.datasetRef if isinstance(ref, DeferredDatasetRef) else ref

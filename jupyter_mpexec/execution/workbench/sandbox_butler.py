"""A butler that writes nothing: it reads through a cache, and keeps what a quantum writes in memory."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

from lsst.daf.butler import (
    ButlerMetrics,
    DatasetProvenance,
    DatasetRef,
    DimensionUniverse,
    LimitedButler,
    StorageClass,
    StorageClassFactory,
)
from lsst.daf.butler.registry import ConflictingDefinitionError
from lsst.pipe.base import InMemoryDatasetHandle
from lsst.resources import ResourcePath

from .input_cache import InputCache

__all__ = ["SandboxButler"]

Observer = Callable[[Literal["get", "put"], DatasetRef], object]
"""Called before each dataset is read or written, on the thread that does it."""


class SandboxButler(LimitedButler):
    """Where the outputs of a rerun go: into memory, never into the output run.

    Parameters
    ----------
    inputs
        Where datasets come from that were not written here.
    universe
        Dimensions of the repository.
    observer
        Called before each get and put, so that a debugger can pause there.

    Attributes
    ----------
    written
        What was put, as it was then.
    """

    def __init__(
        self, inputs: InputCache, universe: DimensionUniverse, observer: Observer | None = None
    ) -> None:
        self.storageClasses = StorageClassFactory()
        self.written: dict[DatasetRef, Any] = {}
        self._inputs = inputs
        self._universe = universe
        self._observer = observer
        self._counted = ButlerMetrics()

    @property
    def dimensions(self) -> DimensionUniverse:
        """Dimensions of the repository."""
        return self._universe

    def isWriteable(self) -> bool:  # noqa: N802  # upstream's name
        """Tell whether `put` works: it does, but leaves no trace."""
        return True

    def put(self, obj: Any, ref: DatasetRef, /, *, provenance: DatasetProvenance | None = None) -> DatasetRef:
        """Keep a dataset; see `lsst.daf.butler.LimitedButler.put`."""
        self._observe("put", ref)
        if ref in self.written:
            raise ConflictingDefinitionError(f"The quantum has written {ref} already.")
        with self._counted.instrument_put():
            written = ref.datasetType.storageClass.coerce_type(obj)
            # What cannot be copied may well be something that can be written to a file.
            with contextlib.suppress(Exception):
                # As a file would: what is done to the object afterwards does not change what was written.
                written = copy.deepcopy(written)
            self.written[ref] = written
        return ref

    def get(
        self,
        ref: DatasetRef,
        /,
        *,
        parameters: dict[str, Any] | None = None,
        storageClass: StorageClass | str | None = None,  # noqa: N803  # upstream's name
    ) -> Any:
        """Get a copy of a dataset; see `lsst.daf.butler.LimitedButler.get`."""
        self._observe("get", ref)
        with self._counted.instrument_get():
            whole = ref.makeCompositeRef() if ref.isComponent() else ref
            for written, value in self.written.items():
                if written.id == whole.id:
                    handle = InMemoryDatasetHandle(
                        value, storageClass=written.datasetType.storageClass, copy=True
                    )
                    return handle.get(
                        component=ref.datasetType.component(),
                        parameters=parameters,
                        storageClass=storageClass or ref.datasetType.storageClass,
                    )
            return self._inputs.get(ref, parameters=parameters, storage_class=storageClass)

    def stored(self, ref: DatasetRef) -> bool:
        """Tell whether a dataset exists, here or in the repository."""
        return self.stored_many([ref])[ref]

    def stored_many(self, refs: Iterable[DatasetRef]) -> dict[DatasetRef, bool]:
        """Tell which datasets exist, here or in the repository."""
        refs = list(refs)
        here = {ref.id for ref in self.written}
        there = self._inputs.stored_many([ref for ref in refs if ref.id not in here])
        return {ref: there.get(ref, True) for ref in refs}

    def pruneDatasets(  # noqa: N802  # upstream's name
        self,
        refs: Iterable[DatasetRef],
        *,
        disassociate: bool = True,
        unstore: bool = False,
        tags: Iterable[str] = (),
        purge: bool = False,
    ) -> None:
        """Forget datasets that were put here; the repository is not touched."""
        for ref in refs:
            self.written.pop(ref, None)

    def getURIs(self, ref: DatasetRef, /, *, predict: bool = False) -> Any:  # noqa: N802  # upstream's name
        """Tell where the file of an input is.

        Raises
        ------
        FileNotFoundError
            Raised for what was put here: it has no file.
        """
        if any(written.id == ref.id for written in self.written):
            raise FileNotFoundError(f"{ref} is in memory only.")
        with self._inputs.reader.opened() as butler:
            return butler.getURIs(ref, predict=predict)

    def get_datastore_names(self) -> tuple[str, ...]:
        """Get no names: there is no datastore."""
        return ()

    def get_datastore_roots(self) -> dict[str, ResourcePath | None]:
        """Get no places: there is no datastore."""
        return {}

    @contextlib.contextmanager
    def record_metrics(self, metrics: ButlerMetrics | None = None) -> Iterator[ButlerMetrics]:
        """Count what is read and written; see `lsst.daf.butler.LimitedButler.record_metrics`."""
        before, self._counted = self._counted, metrics if metrics is not None else ButlerMetrics()
        try:
            yield self._counted
        finally:
            self._counted = before

    def _observe(self, what: Literal["get", "put"], ref: DatasetRef) -> None:
        if self._observer is not None:
            self._observer(what, ref)

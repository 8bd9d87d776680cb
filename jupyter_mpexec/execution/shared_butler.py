"""One butler for all quanta of a run that needs no database: what makes quanta cheap.

A `SharedButler` reads and writes the files of the repository, but keeps its own record of them. What was written is
entered into the repository's registry afterwards, many datasets at once (see `ingest`).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from lsst.daf.butler import (
    Butler,
    ButlerConfig,
    DatasetProvenance,
    DatasetRef,
    DatasetType,
    QuantumBackedButler,
    StorageClass,
)
from lsst.daf.butler.datastore.record_data import DatastoreRecordData
from lsst.daf.butler.registry import ConflictingDefinitionError
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph

from .interrupts import shielded
from .middleware import (
    butler_config,
    export_datastore_records,
    finish_removals,
    forget_datasets,
    has_lasting_datastore,
    import_datastore_records,
    unfinished_files,
)

__all__ = ["SharedButler", "can_share", "make_shared_butler"]


class SharedButler(QuantumBackedButler):
    """A quantum-backed butler that serves many quanta, and remembers what they wrote.

    Made by `make_shared_butler`. Not thread-safe, like any butler. What quanta wrote in other processes it can `adopt`.

    Attributes
    ----------
    config
        Configuration of the repository.
    registry_types
        Dataset types by name, as the registry defines them.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Ordered sets: of the quantum under way, and of those that ended and are not ingested yet.
        self._written: dict[DatasetRef, None] = {}
        self._kept: dict[DatasetRef, None] = {}
        self._present: set[uuid.UUID] = set()
        self._adopted: list[Mapping[str, DatastoreRecordData]] = []
        self._located: frozenset[uuid.UUID] = frozenset()
        self._full: Butler | None = None
        # What the registry has of this run; None if the run is older than this butler.
        self._ingested: set[uuid.UUID] | None = None
        self.config: ButlerConfig | None = None
        self.registry_types: Mapping[str, DatasetType] = dict(kwargs.get("dataset_types") or {})

    def share(self, full: Butler, located: Iterable[uuid.UUID] = (), *, run_is_new: bool = False) -> None:
        """Remove datasets from this repository's registry too, when they are pruned here.

        Parameters
        ----------
        full
            Butler of the repository.
        located
            Identifiers of datasets that it has, and whose places are known here.
        run_is_new
            Nothing enters the registry but what is told to `note_ingested`, so that it need not be asked.
        """
        self._full = full
        self._ingested = set() if run_is_new else None
        self._located = frozenset(located)
        self.config = butler_config(full)

    def records_of(self, refs: Iterable[DatasetRef]) -> Mapping[str, DatastoreRecordData] | None:
        """Get datastore records of those datasets that were there before the run; None if none was."""
        located = [ref for ref in refs if ref.id in self._located]
        return export_datastore_records(self, located) if located else None

    def adopt(self, refs: Iterable[DatasetRef], records: Mapping[str, DatastoreRecordData] | None) -> None:
        """Take over datasets that a quantum wrote in another process."""
        self._written.update(dict.fromkeys(refs))
        if records is not None:
            self._adopted.append(records)

    def sweep(self, refs: Collection[DatasetRef]) -> None:
        """Remove what a process that died has left of datasets; what the registry knows is older, and stays."""
        if refs:
            assert self._full is not None, "Only the butler of a run is asked to."
            lost = [ref for ref in refs if not self._is_registered(ref)]
            self.discard(lost)
            self.remove_unfinished(lost)

    def remove_unfinished(self, refs: Iterable[DatasetRef]) -> None:
        """Remove temporary files of datasets whose writing was broken off."""
        suspects: dict[str, bool] = {}
        for ref in refs:
            place = self.getURI(ref, predict=True).dirname()
            # Where there are no temporary files at all, none need be looked for dataset by dataset.
            if str(place) not in suspects:
                suspects[str(place)] = place.isLocal and any(Path(place.ospath).glob("*.tmp*"))
            if suspects[str(place)]:
                for file in unfinished_files(self, ref):
                    file.remove()

    def was_there(self, ref: DatasetRef) -> bool:
        """Tell whether the repository had a dataset before the run (or before the run was gone on with)."""
        return ref.id in self._located

    def put(self, obj: Any, ref: DatasetRef, /, *, provenance: DatasetProvenance | None = None) -> DatasetRef:
        """Write a dataset; see `lsst.daf.butler.LimitedButler.put`."""
        if ref in self._written:
            # Else the file would be replaced before the datastore sees that, and then be removed.
            raise ConflictingDefinitionError(f"The quantum has written {ref} already.")
        with shielded():
            super().put(obj, ref, provenance=provenance)
            self._written[ref] = None
            self._present.add(ref.id)
        return ref

    def get(
        self,
        ref: DatasetRef,
        /,
        *,
        parameters: dict[str, Any] | None = None,
        storageClass: StorageClass | str | None = None,  # noqa: N803  # upstream's name
    ) -> Any:
        """Read a dataset; see `lsst.daf.butler.LimitedButler.get`."""
        with shielded():
            return super().get(ref, parameters=parameters, storageClass=storageClass)

    def stored(self, ref: DatasetRef) -> bool:
        """Tell whether a dataset exists."""
        return self.stored_many([ref])[ref]

    def stored_many(self, refs: Iterable[DatasetRef]) -> dict[DatasetRef, bool]:
        """Tell which datasets exist; what was written here is known to, and not looked for on disk."""
        refs = list(refs)
        unknown = [ref for ref in refs if ref.id not in self._present]
        with shielded():
            found = super().stored_many(unknown) if unknown else {}
        return {ref: found.get(ref, True) for ref in refs}

    def pruneDatasets(  # noqa: N802  # upstream's name
        self,
        refs: Iterable[DatasetRef],
        *,
        disassociate: bool = True,
        unstore: bool = False,
        tags: Iterable[str] = (),
        purge: bool = False,
    ) -> None:
        """Remove datasets; see `lsst.daf.butler.LimitedButler.pruneDatasets`."""
        with shielded():
            self._prune(list(refs), disassociate=disassociate, unstore=unstore, tags=tags, purge=purge)

    def _prune(self, refs: list[DatasetRef], **how: Any) -> None:
        self._import_adopted()
        known = [ref for ref in refs if self._full is not None and self._is_registered(ref)]
        if known:
            assert self._full is not None, "Otherwise nothing is known to it."
            # Only one of the two may delete the files: the other would stumble over their absence.
            forget_datasets(self, known)
            self._full.pruneDatasets(self.as_registered(known), **how)
            if self._ingested is not None:
                self._ingested.difference_update(ref.id for ref in known)
        super().pruneDatasets([ref for ref in refs if ref not in set(known)], **how)
        for ref in refs:
            self._written.pop(ref, None)
            self._kept.pop(ref, None)
            self._present.discard(ref.id)

    def keep(self) -> list[DatasetRef]:
        """Say that what the last quantum wrote is to stay; returns what that is."""
        refs = self.take_written()
        self._kept.update(dict.fromkeys(refs))
        return refs

    def take_written(self) -> list[DatasetRef]:
        """Take what was written since the last call."""
        refs = list(self._written)
        self._written.clear()
        return refs

    def discard(self, refs: Collection[DatasetRef] | None = None) -> None:
        """Remove datasets altogether; by default, what the last quantum wrote."""
        refs = list(self._written) if refs is None else refs
        if refs:
            self.pruneDatasets(refs, disassociate=True, unstore=True, purge=True)

    def take_kept(self) -> list[DatasetRef]:
        """Take all that was kept since the last call."""
        self._import_adopted()
        kept = list(self._kept)
        self._kept.clear()
        return kept

    def put_back(self, refs: Iterable[DatasetRef]) -> None:
        """Have `take_kept` give these again."""
        self._kept.update(dict.fromkeys(refs))

    def as_registered(self, refs: Iterable[DatasetRef]) -> list[DatasetRef]:
        """Get datasets as the registry defines their dataset types."""
        return [self._conform(ref) for ref in refs]

    def note_ingested(self, refs: Iterable[DatasetRef]) -> None:
        """Say that the registry has these now."""
        if self._ingested is not None:
            self._ingested.update(ref.id for ref in refs)

    def _is_registered(self, ref: DatasetRef) -> bool:
        if self._ingested is not None:
            return ref.id in self._ingested
        assert self._full is not None, "Only the butler of a run is asked."
        return self._full.get_dataset(ref.id) is not None

    def _import_adopted(self) -> None:
        # All at once: each import costs as much as thousands of rows do.
        if self._adopted:
            adopted, self._adopted = self._adopted, []
            import_datastore_records(self, DatastoreRecordData.merge_mappings(*adopted))

    def _conform(self, ref: DatasetRef) -> DatasetRef:
        # Tasks may use another storage class than the registry has for the dataset type.
        registered = self.registry_types.get(ref.datasetType.name)
        if registered is None or registered.storageClass_name == ref.datasetType.storageClass_name:
            return ref
        return ref.overrideStorageClass(registered.storageClass_name)


def can_share(butler: Butler) -> bool:
    """Whether a repository allows a shared butler: files must be where other processes can find them."""
    return butler_config(butler) is not None and has_lasting_datastore(butler)


def make_shared_butler(butler: Butler, graph: PredictedQuantumGraph, *, run_is_new: bool) -> SharedButler:
    """Make the butler that all quanta of a graph use in this process.

    Parameters
    ----------
    butler
        Butler of the repository, writeable. It is queried for where the inputs are, once.
    graph
        The quanta.
    run_is_new
        Nothing was in the output run before, so it need not be asked about outputs.
    """
    config = butler_config(butler)
    assert config is not None, "Told by `can_share`."
    inputs, outputs = _overall_inputs_and_outputs(graph)
    if not run_is_new:
        finish_removals(butler, outputs)
    existing = inputs if run_is_new else [*inputs, *outputs]
    records = export_datastore_records(butler, existing)
    shared = SharedButler.from_predicted(
        config=config,
        predicted_inputs=[ref.id for ref in inputs],
        predicted_outputs=[ref.id for ref in outputs],
        dimensions=butler.dimensions,
        datastore_records=records,
        dataset_types={
            name: node.dataset_type for name, node in graph.pipeline_graph.dataset_types.items() if node
        },
    )
    assert isinstance(shared, SharedButler), "Upstream's class methods make what they are called on."
    located = (dataset_id for data in records.values() for dataset_id in data.records)
    shared.share(butler, located, run_is_new=run_is_new)
    return shared


def _overall_inputs_and_outputs(
    graph: PredictedQuantumGraph,
) -> tuple[list[DatasetRef], list[DatasetRef]]:
    inputs: dict[DatasetRef, None] = {}
    outputs: list[DatasetRef] = []
    bipartite = graph.bipartite_xgraph
    types = graph.pipeline_graph.dataset_types
    for node_id, node in bipartite.nodes(data=True):
        if "dataset_type_name" not in node:
            continue
        dataset_type = types[node["dataset_type_name"]].dataset_type
        ref = DatasetRef(dataset_type, node["data_id"], run=node["run"], id=node_id)
        if bipartite.in_degree(node_id):
            outputs.append(ref)
        else:
            inputs[ref] = None
    for label in (label for label, quanta in graph.quanta_by_task.items() if quanta):
        for ref in graph.get_init_inputs(label).values():
            inputs[ref] = None
    return list(inputs), outputs

"""The butler of a worker process: it learns with each quantum what it needs to know."""

from __future__ import annotations

import pickle
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lsst.daf.butler import ButlerConfig, DatasetRef, DatasetType, DimensionUniverse, Quantum

from .middleware import expect_datasets, export_datastore_records, forget_datasets, import_datastore_records
from .shared_butler import SharedButler

__all__ = ["ButlerRecipe", "WorkerButler", "WrittenReport"]


@dataclass(frozen=True, kw_only=True)
class ButlerRecipe:
    """All that a worker needs to make its butler; picklable.

    Parameters
    ----------
    config
        Configuration of the repository.
    dimensions
        Its dimensions.
    dataset_types
        Dataset types of the run, as the registry defines them.
    """

    config: ButlerConfig
    dimensions: DimensionUniverse
    dataset_types: Mapping[str, DatasetType]

    @classmethod
    def of(cls, shared: SharedButler) -> ButlerRecipe:
        """Get the recipe for workers that write for a shared butler."""
        assert shared.config is not None, "Set for every shared butler of a run."
        return cls(config=shared.config, dimensions=shared.dimensions, dataset_types=shared.registry_types)


@dataclass(frozen=True)
class WrittenReport:
    """What a quantum wrote.

    Parameters
    ----------
    dataset_ids
        Identifiers of the datasets.
    records
        Their datastore records, pickled; None if there are none.
    """

    dataset_ids: tuple[uuid.UUID, ...] = ()
    records: bytes | None = None


class WorkerButler(SharedButler):
    """A shared butler that knows of no dataset but those of the quanta that it ran.

    What other workers wrote it finds where it is predicted to be.
    """

    _ask_to_prune: Callable[[list[DatasetRef]], None]

    @classmethod
    def make(cls, recipe: ButlerRecipe, ask_to_prune: Callable[[list[DatasetRef]], None]) -> WorkerButler:
        """Make the butler of this process.

        Parameters
        ----------
        recipe
            How.
        ask_to_prune
            Has the parent remove datasets from wherever they are known.
        """
        butler = cls.from_predicted(
            config=recipe.config,
            predicted_inputs=(),
            predicted_outputs=(),
            dimensions=recipe.dimensions,
            datastore_records={},
            dataset_types=recipe.dataset_types,
        )
        assert isinstance(butler, WorkerButler), "Upstream's class methods make what they are called on."
        butler._ask_to_prune = ask_to_prune
        return butler

    def expect(self, quantum: Quantum, records: bytes | None) -> None:
        """Get ready for a quantum.

        Parameters
        ----------
        quantum
            The next quantum.
        records
            Datastore records that are new here, pickled.
        """
        outputs = [ref.id for refs in quantum.outputs.values() for ref in refs]
        expect_datasets(self, outputs)
        if records is not None:
            import_datastore_records(self, pickle.loads(records))

    def report(self, *, succeeded: bool) -> WrittenReport:
        """Tell what the last quantum wrote."""
        refs = self.take_written()
        if not refs:
            return WrittenReport()
        records = pickle.dumps(export_datastore_records(self, refs))
        if not succeeded:
            # The parent may remove these at any time.
            self._forget(refs)
        return WrittenReport(tuple(ref.id for ref in refs), records)

    def pruneDatasets(self, refs: Iterable[DatasetRef], **_: Any) -> None:  # noqa: N802  # upstream's name
        """Remove datasets altogether, here and for everybody."""
        refs = list(refs)
        self._forget(refs)
        self._ask_to_prune(refs)

    def _forget(self, refs: list[DatasetRef]) -> None:
        forget_datasets(self, refs)
        for ref in refs:
            self._written.pop(ref, None)
            self._present.discard(ref.id)

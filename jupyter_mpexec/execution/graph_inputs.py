"""Whether a repository has what a quantum graph from a file reads."""

from __future__ import annotations

from collections.abc import Iterator

from lsst.daf.butler import Butler
from lsst.pipe.base.quantum_graph import PredictedDatasetModel, PredictedQuantumGraphComponents

from jupyter_mpexec.errors import QuantumGraphError

__all__ = ["check_inputs"]


def check_inputs(components: PredictedQuantumGraphComponents, butler: Butler, name: str) -> None:
    """Refuse a graph that was built for another repository: its quanta would read other data than it says.

    One dataset of each type that the graph only reads is looked up by its ID.

    Parameters
    ----------
    components
        The graph.
    butler
        Client of the repository that it is to run in.
    name
        What to call the graph.

    Raises
    ------
    QuantumGraphError
        Raised if the repository does not have a dataset.
    """
    for dataset in _one_of_each_type(components):
        if butler.get_dataset(dataset.dataset_id) is None:
            raise QuantumGraphError(
                f"The quantum graph {name} reads a dataset of type {dataset.dataset_type_name!r} from run "
                f"{dataset.run!r} that this repository does not have (ID {dataset.dataset_id}).",
                hint="It was built for another repository, or the dataset has been removed since: build it again.",
            )


def _one_of_each_type(components: PredictedQuantumGraphComponents) -> Iterator[PredictedDatasetModel]:
    pipeline = components.pipeline_graph
    seen: set[str] = set()
    for quantum in components.quantum_datasets.values():
        for datasets in quantum.inputs.values():
            for dataset in datasets:
                kind = dataset.dataset_type_name
                if kind in seen:
                    break
                seen.add(kind)
                if pipeline.producer_of(kind) is None:
                    yield dataset

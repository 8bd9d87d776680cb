"""A quantum graph file with as many quanta as one likes, made from a small one."""

from __future__ import annotations

import uuid
from pathlib import Path

from lsst.pipe.base.quantum_graph import PredictedQuantumGraph


def write_large_graph(small: Path, large: Path, *, task: str, total: int) -> Path:
    """Copy a graph, with more quanta of a task that nothing depends on, until there are so many."""
    with PredictedQuantumGraph.open(str(small)) as reader:
        reader.read_all()
    components = reader.components
    thin = components.thin_graph.quanta
    pattern = thin[task][0]
    datasets = components.quantum_datasets[pattern.quantum_id]
    for number in range(total - sum(map(len, thin.values()))):
        quantum_id = uuid.UUID(int=2**80 + number)
        values = [
            number + 10_000_000 if isinstance(value, int) and value > 1000 else value
            for value in pattern.data_coordinate
        ]
        thin[task].append(pattern.model_copy(update={"quantum_id": quantum_id, "data_coordinate": values}))
        empty = {"quantum_id": quantum_id, "data_coordinate": values, "inputs": {}, "outputs": {}}
        components.quantum_datasets[quantum_id] = datasets.model_copy(update=empty)
    components.set_header_counts()
    components.write(str(large))
    return large

"""What a run left in a repository, so that two runs can be compared."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.table import Table
from lsst.daf.butler import Butler, DatasetRef

__all__ = ["DATABASE", "OUTPUT", "OUTPUT_RUN", "Snapshot", "take_snapshot"]

OUTPUT = "u/test/survey"
OUTPUT_RUN = f"{OUTPUT}/run"

DATABASE = "gen3.sqlite3"


@dataclass(frozen=True)
class Snapshot:
    """Registry and files after a run.

    Parameters
    ----------
    datasets
        Dataset type, data ID, dataset ID and path of each dataset of the output run.
    chain
        What the output collection is made of.
    files
        What is in each file of the repository, as far as it is the same each time.
    traces
        What is in metadata, logs and tables, without times.
    """

    datasets: frozenset[tuple[str, str, str, str]]
    chain: tuple[str, ...]
    files: dict[str, str]
    traces: dict[str, object]

    def differences(self, other: Snapshot) -> Iterator[str]:
        """Tell what is not as in another one, which is taken to be right."""
        for dataset in sorted(self.datasets - other.datasets):
            yield f"dataset that should not be there: {dataset}"
        for dataset in sorted(other.datasets - self.datasets):
            yield f"missing dataset: {dataset}"
        if self.chain != other.chain:
            yield f"the output chain is {self.chain}"
        for path in sorted(self.files.keys() ^ other.files.keys()):
            yield f"{'extra' if path in self.files else 'missing'} file: {path}"
        for path in sorted(self.files.keys() & other.files.keys()):
            if self.files[path] != other.files[path]:
                yield f"other contents: {path}"
        for path in sorted(self.traces.keys() & other.traces.keys()):
            if self.traces[path] != other.traces[path]:
                yield f"other trace {path}:\n  {self.traces[path]}\ninstead of\n  {other.traces[path]}"


def take_snapshot(root: Path) -> tuple[Snapshot, list[str]]:
    """Look at a repository.

    Returns
    -------
    snapshot
        What is there.
    faults
        In what ways registry and files do not fit each other.
    """
    faults = list(_damages(root / DATABASE))
    datasets, traces = set(), {}
    with Butler.from_config(str(root), writeable=False) as butler:
        refs = butler.registry.queryDatasets(..., collections=OUTPUT_RUN)
        for ref in set(refs):
            path = Path(butler.getURI(ref).ospath).relative_to(root).as_posix()
            datasets.add((ref.datasetType.name, str(ref.dataId), str(ref.id), path))
            if not (root / path).is_file():
                faults.append(f"in the registry, but not on disk: {path}")
                continue
            traces[path] = _trace(ref, butler.get(ref))
        chain = butler.collections.get_info(OUTPUT).children
    files = {path.relative_to(root).as_posix(): _digest(path) for path in root.rglob("*") if path.is_file()}
    known = {path for *_, path in datasets}
    in_run = {path for path in files if path.startswith(f"{OUTPUT_RUN}/")}
    faults += [f"on disk, but not in the registry: {path}" for path in sorted(in_run - known)]
    return Snapshot(frozenset(datasets), chain, files, traces), faults


def _trace(ref: DatasetRef, content: Any) -> object:
    """Get what is the same each time, of metadata, logs and tables; all else is compared by its files."""
    name = ref.datasetType.name
    if name.endswith("_log"):
        # What is warned of once a process comes with any of its quanta.
        return [(r.name, r.levelname) for r in content if not r.name.startswith("lsst.daf.butler")]
    if name == "packages":
        # Which ones are imported depends on what else the process has done; that they can be read has been tried.
        return "numpy" in content
    if name.endswith("_metadata"):
        about = content["quantum"]
        # A quantum without work has no list of outputs.
        outputs = sorted(about.getArray("outputs")) if "outputs" in about else None
        return sorted(content.names()), about.get("caveats"), outputs
    if isinstance(content, Table):
        columns = [
            (str(c.dtype), str(c.unit), hashlib.sha256(np.asarray(c).tobytes()).hexdigest())
            for c in content.itercols()
        ]
        return dict(zip(content.colnames, columns, strict=True)), sorted(content.meta)
    return None


_DIFFERENT_EACH_TIME = ("_log_", "_metadata_", "packages_")


def _digest(path: Path) -> str:
    # The database and tables differ in their layout, metadata and logs in their times.
    if path.suffix in (".sqlite3", ".parq") or any(word in path.name for word in _DIFFERENT_EACH_TIME):
        return ""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _damages(database: Path) -> Iterator[str]:
    connection = sqlite3.connect(database)
    try:
        if (state := connection.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            yield f"the database is damaged: {state}"
        for row in connection.execute("PRAGMA foreign_key_check"):
            yield f"the database has a row that refers to nothing: {row}"
    finally:
        connection.close()

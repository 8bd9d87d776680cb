"""Every use of a name that the middleware does not declare public, with the reason for it.

Nothing else in the package touches a private name of ``lsst.*``, so that a change there is mended here.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from lsst.daf.butler import Butler, ButlerConfig, DatasetRef, LimitedButler, QuantumBackedButler
from lsst.daf.butler._rubin.temporary_for_ingest import TemporaryForIngest
from lsst.daf.butler.datastore.record_data import DatastoreRecordData
from lsst.daf.butler.logging import ButlerMDC
from lsst.resources import ResourcePath
from sqlalchemy import Engine

__all__ = [
    "NO_WORK_LISTS_OUTPUTS",
    "butler_config",
    "expect_datasets",
    "export_datastore_records",
    "finish_removals",
    "forget_datasets",
    "gc_metrics",
    "graph_summary",
    "has_lasting_datastore",
    "import_datastore_records",
    "label_logs",
    "log_labels",
    "predicted_datasets",
    "registry_engine",
    "unfinished_files",
]


def butler_config(butler: Butler) -> ButlerConfig | None:
    """Get the configuration that a butler was made from; None for a butler without one of its own (a remote one).

    A quantum-backed butler needs it, and a butler instance does not publish it.
    """
    config = getattr(butler, "_config", None)
    return config if isinstance(config, ButlerConfig) else None


def has_lasting_datastore(butler: Butler) -> bool:
    """Whether what one butler stores can be read by another butler of the same repository.

    An in-memory datastore belongs to its one butler. There is no public way to ask.
    """
    datastore = getattr(butler, "_datastore", None)
    return datastore is not None and not datastore.isEphemeral


def registry_engine(butler: Butler) -> Engine | None:
    """Get the database engine of a butler's registry; None for a butler without one (a remote one).

    It alone can say how long to wait for a lock, and there is no public way to it.
    """
    database = getattr(getattr(butler, "_registry", None), "_db", None)
    engine = getattr(database, "_engine", None)
    return engine if isinstance(engine, Engine) else None


def export_datastore_records(
    butler: LimitedButler, refs: Iterable[DatasetRef]
) -> Mapping[str, DatastoreRecordData]:
    """Get the datastore records (paths, formatters, sizes) of those datasets that have any.

    The public way is to ask for them when a graph is built (``attach_datastore_records``); a graph that comes
    from a file may be without.
    """
    records: Mapping[str, DatastoreRecordData] = butler._datastore.export_records(refs)
    return records


def import_datastore_records(butler: LimitedButler, records: Mapping[str, DatastoreRecordData]) -> None:
    """Tell a butler where datasets are that it does not know of; it must not know of any of them.

    The public way is to give them when a quantum-backed butler is made; ours lives on for many quanta.
    """
    butler._datastore.import_records(records)


def expect_datasets(butler: QuantumBackedButler, outputs: Iterable[uuid.UUID]) -> None:
    """Let a quantum-backed butler write some datasets, and forget about those that it let pass before.

    The public way is to name all of them when the butler is made; a worker gets to know one quantum after the other.
    """
    butler._predicted_outputs = set(outputs)
    butler._actual_output_refs.clear()


def unfinished_files(butler: LimitedButler, ref: DatasetRef) -> list[ResourcePath]:
    """Find temporary files of a dataset whose writing was broken off.

    There is a function for that, in a package for internal use.
    """
    return TemporaryForIngest.find_orphaned_temporaries_by_ref(ref, butler)


def finish_removals(butler: Butler, refs: Collection[DatasetRef]) -> None:
    """Finish to remove datasets where a process was killed in the middle of it.

    Removing is two steps, of which the first one is seen by the registry: public functions then know nothing of the
    dataset any more, while the datastore still has the record of a file that will be written anew.
    """
    if refs:
        butler._datastore.emptyTrash(refs=refs)


def log_labels() -> dict[str, str]:
    """Get what log records are labelled with now; there are only ways to set it."""
    return dict(ButlerMDC._MDC)


def label_logs(labels: Mapping[str, str]) -> None:
    """Label log records of this process, for good."""
    for key, value in labels.items():
        ButlerMDC.MDC(key, value)


def predicted_datasets(writer: Any, quantum_id: uuid.UUID) -> Any:
    """Get the model of what a quantum was to read and write from a writer of provenance graphs.

    Its function that takes metadata and logs alone refuses quanta that were ended before they wrote either.
    """
    return writer._predicted_quanta[quantum_id]


def forget_datasets(butler: LimitedButler, refs: Iterable[DatasetRef]) -> None:
    """Drop a butler's datastore records of some datasets, and leave their files alone.

    Datastores can do that, but a butler does not pass it on.
    """
    butler._datastore.forget(refs)


def graph_summary(graph: Any) -> Any:
    """Get the summary that upstream's report begins with; only its own executor is meant to ask for it."""
    return graph._make_summary()


def _find_gc_metrics() -> Any:
    try:
        from lsst.pipe.base.gc_metrics import GcMetrics
    except ImportError:  # before 30.2026.4300
        return None
    return GcMetrics


_GcMetrics = _find_gc_metrics()

NO_WORK_LISTS_OUTPUTS = _GcMetrics is not None
"""Whether the metadata of a quantum without work has an (empty) list of outputs: from 30.2026.4300 on, too."""


def gc_metrics() -> contextlib.AbstractContextManager[Any]:
    """Count garbage collection, where the installed version records that in the metadata of a quantum.

    Public, but there only from 30.2026.4300 on; before, the context gives None.
    """
    return _GcMetrics() if _GcMetrics is not None else contextlib.nullcontext()

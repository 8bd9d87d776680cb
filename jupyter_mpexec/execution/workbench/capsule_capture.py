"""Catching what there is to know of a failure, in the process and at the moment in which it happens."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import platform
import socket
import sys
import time
import uuid
from collections.abc import Iterable
from importlib import metadata
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any

from lsst.daf.butler import DatasetRef, Quantum
from lsst.daf.butler.logging import ButlerLogRecords
from lsst.pipe.base.pipeline_graph import TaskNode
from lsst.utils.introspection import get_full_type_name

from ...debug.summaries import summarize_traceback
from ...debug.value_text import error_message
from ...events import QuantumFailed
from ..task_traceback import task_traceback
from .failure_capsule import FailureCapsule

__all__ = ["capsule_without_frames", "capture_failure"]

_LOG = logging.getLogger(__name__)

_HERE = str(Path(__file__).parents[1])
_MOST_REFS = 500
_MOST_LINES = 500
_PACKAGES = (
    *(
        "jupyter_mpexec",
        "lsst-daf-butler",
        "lsst-pex-config",
        "lsst-pipe-base",
        "lsst-resources",
        "lsst-utils",
    ),
    *("astropy", "numpy", "pandas", "photutils", "pyarrow", "scikit-image", "scipy"),
)


def capture_failure(
    error: BaseException,
    task_node: TaskNode,
    quantum: Quantum,
    quantum_id: uuid.UUID | None,
    log_records: ButlerLogRecords | None,
) -> FailureCapsule | None:
    """Describe a failure while its frames are still there; None if that does not work, which harms nobody."""
    try:
        return FailureCapsule(
            **_quantum(task_node, quantum, quantum_id),
            exception=get_full_type_name(error),
            message=error_message(error),
            traceback=task_traceback(error),
            frames=summarize_traceback(_of_task(error.__traceback__)),
            log=_log(log_records),
        )
    except Exception:
        _LOG.debug("No failure capsule could be made.", exc_info=True)
        return None


def capsule_without_frames(
    event: QuantumFailed, task_node: TaskNode, quantum: Quantum, log_records: ButlerLogRecords | None
) -> FailureCapsule | None:
    """Describe a failure of which nobody could catch the frames, because the process is gone."""
    try:
        return FailureCapsule(
            **_quantum(task_node, quantum, uuid.UUID(event.quantum_id)),
            exception=event.exception,
            message=event.message,
            traceback=event.traceback,
            log=_log(log_records) or event.log,
        )
    except Exception:
        _LOG.debug("No failure capsule could be made.", exc_info=True)
        return None


def _quantum(task_node: TaskNode, quantum: Quantum, quantum_id: uuid.UUID | None) -> dict[str, Any]:
    return {
        "quantum_id": str(quantum_id),
        "task_label": task_node.label,
        "data_id": dict(quantum.dataId.required) if quantum.dataId is not None else {},
        "task_class": task_node.task_class_name,
        "config": task_node.config.saveToString(),
        "inputs": {kind.name: _refs(refs) for kind, refs in quantum.inputs.items()},
        "outputs": {kind.name: _refs(refs) for kind, refs in quantum.outputs.items()},
        "versions": _versions(task_node.task_class_name),
        "time": time.time(),
        "host": socket.gethostname(),
        "pid": os.getpid(),
    }


def _of_task(traceback: TracebackType | None) -> TracebackType | None:
    """Leave out the frames that only lead from the executor to the task; an error of the executor keeps them all."""
    last, each = None, traceback
    while each is not None:
        if each.tb_frame.f_code.co_filename.startswith(_HERE):
            last = each
        each = each.tb_next
    return last.tb_next if last is not None and last.tb_next is not None else traceback


def _refs(refs: Iterable[DatasetRef]) -> list[dict[str, Any]]:
    return [
        {"id": str(ref.id), "run": ref.run, "data_id": dict(ref.dataId.required)}
        for ref in islice(refs, _MOST_REFS)
    ]


def _log(records: ButlerLogRecords | None) -> str:
    # Here, since that module leads to this one.
    from ..in_kernel import all_lines

    return all_lines(records[-_MOST_LINES:]) if records is not None else ""


def _versions(task_class: str) -> dict[str, str]:
    """Get versions of the framework, of the usual libraries, and of the package that the task is in."""
    package = task_class.partition(".")[0]
    version = getattr(sys.modules.get(package), "__version__", None)
    return _common_versions() | ({package: str(version)} if version is not None else {})


@functools.cache
def _common_versions() -> dict[str, str]:
    versions = {"python": platform.python_version(), "platform": platform.platform()}
    for package in _PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[package] = metadata.version(package)
    return versions

"""What is known of a run when it begins."""

from __future__ import annotations

import contextlib
import os
import platform
import socket
import time
from importlib import metadata

from ..events import RunStarted
from .built_graph import BuiltQuantumGraph
from .execution_options import ExecutionOptions
from .quanta import task_dependencies

__all__ = ["started_event"]

_PACKAGES = ("jupyter_mpexec", "lsst-pipe-base", "lsst-daf-butler")


def started_event(
    built: BuiltQuantumGraph, options: ExecutionOptions, *, run_id: str, command: tuple[str, ...]
) -> RunStarted:
    """Describe a run for its journal and its report."""
    return RunStarted(
        time=time.time(),
        run_id=run_id,
        output_run=built.output_run,
        output=built.output,
        repository=built.repository_uri,
        quanta=built.quanta_by_task,
        dependencies=task_dependencies(built.graph),
        command=command,
        options=options.changed(),
        versions=_versions(),
        host=socket.gethostname(),
        pid=os.getpid(),
    )


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[package] = metadata.version(package)
    return versions

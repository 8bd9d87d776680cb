"""Displays for the middleware's own classes, registered by name, so that nothing is imported early."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["CLASSES", "register", "unregister"]

CLASSES: Mapping[str, str] = {
    "Pipeline": "lsst.pipe.base.pipeline",
    "PipelineGraph": "lsst.pipe.base.pipeline_graph._pipeline_graph",
    "PredictedQuantumGraph": "lsst.pipe.base.quantum_graph._predicted",
    "QuantumGraph": "lsst.pipe.base.graph.graph",
    "Quantum": "lsst.daf.butler._quantum",
    "DatasetRef": "lsst.daf.butler._dataset_ref",
    "DataCoordinate": "lsst.daf.butler.dimensions._coordinate",
    "Config": "lsst.pex.config.config",
    "TaskMetadata": "lsst.pipe.base._task_metadata",
}
"""The classes, and the modules that define them. IPython goes up the hierarchy: subclasses are included."""


def register(shell: InteractiveShell) -> dict[str, Callable[..., Any] | None]:
    """Make IPython display the classes in text, HTML and SVG.

    Returns
    -------
    before
        What was registered for each class, for `unregister`.
    """
    formatter = _formatter(shell)
    return {name: formatter.for_type_by_name(module, name, _bundle) for name, module in CLASSES.items()}


def unregister(shell: InteractiveShell, before: Mapping[str, Callable[..., Any] | None]) -> None:
    """Undo `register`."""
    formatter = _formatter(shell)
    for name, module in CLASSES.items():
        formatter.pop(f"{module}.{name}", None)
        if before.get(name) is not None:
            formatter.for_type_by_name(module, name, before[name])


def _formatter(shell: InteractiveShell) -> Any:
    assert shell.display_formatter is not None, "Only before the shell is set up."
    return shell.display_formatter.mimebundle_formatter


def _bundle(obj: object) -> dict[str, str]:
    from jupyter_mpexec.execution.views import bundle_for

    bundle: dict[str, str] = bundle_for(obj)
    return bundle

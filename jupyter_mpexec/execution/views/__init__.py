"""From objects of the middleware, and ours that wrap them, to diagrams and mime bundles.

`bundle_for` is the one door. It finds the view by the name of the object's class, so that neither importing
this package nor registering it with IPython imports any middleware.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from typing import Any

__all__ = ["UPSTREAM_TYPES", "bundle_for"]

_LOG = logging.getLogger(__name__)

UPSTREAM_TYPES: dict[tuple[str, str], str] = {
    ("lsst.daf.butler._dataset_ref", "DatasetRef"): "dataset_ref.dataset_ref_bundle",
    ("lsst.daf.butler._quantum", "Quantum"): "quantum.quantum_bundle",
    ("lsst.daf.butler.dimensions._coordinate", "DataCoordinate"): "data_id.data_id_bundle",
    ("lsst.daf.butler.logging", "ButlerLogRecords"): "log_records.log_records_bundle",
    ("lsst.pex.config.config", "Config"): "config.config_bundle",
    ("lsst.pipe.base._task_metadata", "TaskMetadata"): "metadata.metadata_bundle",
    ("lsst.pipe.base.graph.graph", "QuantumGraph"): "quantum_graph.quantum_graph_bundle",
    ("lsst.pipe.base.pipeline", "Pipeline"): "pipeline.pipeline_bundle",
    ("lsst.pipe.base.pipeline_graph._pipeline_graph", "PipelineGraph"): "pipeline.pipeline_graph_bundle",
    (
        "lsst.pipe.base.quantum_graph._predicted",
        "PredictedQuantumGraph",
    ): "quantum_graph.quantum_graph_bundle",
}
"""Upstream's classes that have a view: module and name of the class, to the view here.

Subclasses are shown by the view of the nearest of these.
"""

_OWN_TYPES: dict[tuple[str, str], str] = {
    ("jupyter_mpexec.execution.built_graph", "BuiltQuantumGraph"): "builders.built_graph_bundle",
    ("jupyter_mpexec.execution.graph_builder", "GraphBuilder"): "builders.graph_builder_bundle",
    ("jupyter_mpexec.execution.pipeline_builder", "PipelineBuilder"): "builders.pipeline_builder_bundle",
}


def bundle_for(obj: Any) -> dict[str, Any]:
    """Show an object as text, HTML and, where it has a picture, SVG and data for an interactive one.

    Parameters
    ----------
    obj
        An object of upstream's or ours. Any other, and one whose view fails, is shown by its repr: a display
        never breaks a cell.

    Returns
    -------
    bundle
        Mime types to content; there is always ``text/plain``.
    """
    for cls in type(obj).__mro__:
        key = (cls.__module__, cls.__qualname__)
        if place := UPSTREAM_TYPES.get(key) or _OWN_TYPES.get(key):
            try:
                return _view(place)(obj)
            except Exception:
                _LOG.debug("No view of a %s could be made.", cls.__qualname__, exc_info=True)
                break
    return {"text/plain": repr(obj)}


def _view(place: str) -> Callable[[Any], dict[str, Any]]:
    module, _, function = place.partition(".")
    view: Callable[[Any], dict[str, Any]] = getattr(importlib.import_module(f".{module}", __name__), function)
    return view

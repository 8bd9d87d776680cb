"""Run, watch and step Rubin/LSST pipelines from a Jupyter notebook.

Everything below is loaded on first use, so that ``%load_ext jupyter_mpexec`` is quick and imports no middleware.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_PLACES = {
    "BuiltQuantumGraph": "execution.built_graph",
    "ExecutionModel": "execution.execution_model",
    "FailureCapsule": "execution.workbench.failure_capsule",
    "FakeModel": "execution.fake",
    "GraphBuilder": "execution.graph_builder",
    "InKernelModel": "execution.in_kernel",
    "Journal": "execution.journal",
    "OpenQuantum": "execution.workbench.open_quantum",
    "PipelineBuilder": "execution.pipeline_builder",
    "QuantumData": "execution.quantum_data",
    "QuantumGraphExecutor": "execution.quantum_graph_executor",
    "Run": "execution.run",
    "RunControl": "execution.run_control",
    "RunPanel": "widgets.run_panel",
    "RunReport": "report",
    "SingleQuantumExecutor": "execution.single_quantum_executor",
    "WorkerPoolModel": "execution.worker_pool",
    "register_preview": "widgets.previews",
}

__all__ = ["__version__", "load_ipython_extension", "unload_ipython_extension", *_PLACES]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Set up magics, completion and displays: what ``%load_ext jupyter_mpexec`` calls."""
    from .front.extension import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take away again what `load_ipython_extension` set up."""
    from .front.extension import unload

    unload(shell)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Tell Jupyter Server what to load."""
    return [{"module": "jupyter_mpexec.server"}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Tell JupyterLab where its extension is."""
    return [{"src": "labextension", "dest": "jupyter-mpexec"}]


def __getattr__(name: str) -> Any:
    try:
        module = importlib.import_module(f".{_PLACES[name]}", __name__)
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted(__all__)

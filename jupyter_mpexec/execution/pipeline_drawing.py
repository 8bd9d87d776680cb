"""Upstream's drawings of a pipeline, as files: ``--pipeline-dot`` and ``--pipeline-mermaid``."""

from __future__ import annotations

from pathlib import Path

from lsst.pipe.base.pipeline_graph import PipelineGraph, visualization

from jupyter_mpexec.errors import OptionError, sentence

__all__ = ["draw_pipeline"]

_WIDE = 4500
"""Pixels: upstream's width of a Mermaid picture."""


def draw_pipeline(graph: PipelineGraph, *, dot: str | None = None, mermaid: str | None = None) -> None:
    """Write drawings with tasks and dataset types.

    Parameters
    ----------
    graph
        The resolved pipeline graph.
    dot
        File for Graphviz.
    mermaid
        File for Mermaid; one that ends in ``.svg`` or ``.png`` is drawn.

    Raises
    ------
    OptionError
        Raised if a picture is asked for and ``mermaid-py`` is not installed.
    """
    if dot:
        with Path(dot).open("w", encoding="utf-8") as stream:
            visualization.show_dot(graph, stream, dataset_types=True, task_classes="full")
    if mermaid:
        kind = Path(mermaid).suffix.lstrip(".")
        kind = kind if kind in ("svg", "png") else "mmd"
        width = _WIDE if kind != "mmd" else None
        with Path(mermaid).open("w" if kind == "mmd" else "wb") as stream:
            try:
                visualization.show_mermaid(
                    graph, stream, output_format=kind, width=width, dataset_types=True, task_classes="full"
                )
            except ImportError as error:
                raise OptionError(
                    f"--pipeline-mermaid cannot draw {mermaid}: {sentence(error)}",
                    hint="Write a .mmd file instead.",
                ) from error

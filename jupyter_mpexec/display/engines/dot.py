"""Engine: the ``dot`` executable, where it is installed."""

from __future__ import annotations

import shutil
import subprocess

from jupyter_mpexec.display.layout import Layout, LayoutError, Sketch

from .graphviz_json import layout_from_json, sketch_to_dot

__all__ = ["NAME", "available", "lay_out"]

NAME = "dot"


def available() -> bool:
    """Tell whether ``dot`` is on the path."""
    return shutil.which("dot") is not None


def lay_out(sketch: Sketch, *, timeout: float) -> Layout:
    """Lay out a sketch.

    Parameters
    ----------
    sketch
        Sizes and connections.
    timeout
        Seconds after which ``dot`` is given up.

    Raises
    ------
    LayoutError
        Raised if ``dot`` fails or is too slow.
    """
    # Not `graphviz.Source.pipe`, since that cannot be given a time limit.
    try:
        done = subprocess.run(
            [shutil.which("dot") or "dot", "-Kdot", "-Tjson0"],
            input=sketch_to_dot(sketch).encode(),
            capture_output=True,
            timeout=timeout,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise LayoutError(f"dot failed: {error}") from error
    return layout_from_json(done.stdout, sketch, NAME)

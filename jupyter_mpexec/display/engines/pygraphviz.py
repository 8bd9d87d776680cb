"""Engine: the Graphviz library that the ``pygraphviz`` wheel carries, in a process of its own.

It holds the interpreter lock while it works and writes warnings about fonts to the terminal; neither belongs
in a kernel.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys

from jupyter_mpexec.display.layout import Layout, LayoutError, Sketch

from .graphviz_json import layout_from_json, sketch_to_dot

__all__ = ["NAME", "available", "lay_out"]

NAME = "pygraphviz"

_SCRIPT = """\
import sys
import pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(format="json0", prog="dot"))
"""


def available() -> bool:
    """Tell whether ``pygraphviz`` is installed, without importing it."""
    return importlib.util.find_spec("pygraphviz") is not None


def lay_out(sketch: Sketch, *, timeout: float) -> Layout:
    """Lay out a sketch.

    Parameters
    ----------
    sketch
        Sizes and connections.
    timeout
        Seconds after which the process is given up.

    Raises
    ------
    LayoutError
        Raised if ``pygraphviz`` fails or is too slow.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT],
            input=sketch_to_dot(sketch).encode(),
            capture_output=True,
            timeout=timeout,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise LayoutError(f"pygraphviz failed: {error}") from error
    return layout_from_json(done.stdout, sketch, NAME)

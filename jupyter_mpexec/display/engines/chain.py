"""The chain of engines: the best that is there, and if it fails the next, so that a picture always exists."""

from __future__ import annotations

import logging
import os
from typing import Protocol

from jupyter_mpexec.display.layout import Layout, LayoutError, Sketch
from jupyter_mpexec.errors import UsageError, did_you_mean

from . import dot, layered, pygraphviz

__all__ = ["ENGINES", "ENVIRONMENT_VARIABLE", "lay_out"]

ENVIRONMENT_VARIABLE = "JUPYTER_MPEXEC_LAYOUT"
"""Environment variable that forces one engine: ``dot``, ``pygraphviz`` or ``layered``."""

TIMEOUT = 10.0
"""Seconds after which an engine is given up."""

_log = logging.getLogger(__name__)
_broken: set[str] = set()


class Engine(Protocol):
    """What an engine's module has."""

    NAME: str

    def available(self) -> bool:
        """Tell whether the engine can be used here, cheaply."""

    def lay_out(self, sketch: Sketch, *, timeout: float) -> Layout:
        """Lay out a sketch, or raise `LayoutError`."""


ENGINES: dict[str, Engine] = {engine.NAME: engine for engine in (dot, pygraphviz, layered)}
"""Engines by name, in the order in which they are tried."""


def lay_out(sketch: Sketch, engine: str | None = None) -> Layout:
    """Lay out a sketch with the first engine that can.

    Parameters
    ----------
    sketch
        Sizes and connections.
    engine
        Name of the only engine to use; by default that in the environment variable ``JUPYTER_MPEXEC_LAYOUT``,
        and otherwise all are tried: ``dot``, ``pygraphviz``, ``layered``.

    Raises
    ------
    UsageError
        Raised if there is no such engine.
    LayoutError
        Raised if an engine was asked for by name and fails.
    """
    engine = engine or os.environ.get(ENVIRONMENT_VARIABLE) or None
    if engine is not None:
        if engine not in ENGINES:
            raise UsageError(
                f"There is no layout engine {engine!r}.",
                hint=f"Known are {', '.join(ENGINES)}. {did_you_mean(engine, ENGINES)}".strip(),
            )
        return ENGINES[engine].lay_out(sketch, timeout=TIMEOUT)
    for name, candidate in ENGINES.items():
        if name in _broken or not candidate.available():
            continue
        try:
            return candidate.lay_out(sketch, timeout=TIMEOUT)
        except LayoutError as error:
            # What failed once is not waited for again in this process.
            _broken.add(name)
            _log.debug("Layout engine %s is not used any more: %s", name, error)
    raise LayoutError("No layout engine could draw this.")

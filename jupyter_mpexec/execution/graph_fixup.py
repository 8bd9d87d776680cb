"""Finding an execution graph fixup by its name."""

from __future__ import annotations

from lsst.pipe.base.execution_graph_fixup import ExecutionGraphFixup
from lsst.utils.doImport import doImport

from ..errors import UsageError

__all__ = ["load_fixup"]


def load_fixup(name: str) -> ExecutionGraphFixup | None:
    """Import and call what makes the fixup.

    Parameters
    ----------
    name
        Full name of a class or function without arguments; empty for none.

    Raises
    ------
    UsageError
        Raised if it cannot be imported, raises, or makes something else.
    """
    if not name:
        return None
    hint = "graph_fixup (--graph-fixup) names a class or function that makes an ExecutionGraphFixup."
    try:
        fixup = doImport(name)()  # type: ignore[operator]  # a module is not callable, and that is an answer too
    except Exception as error:
        raise UsageError(f"The graph fixup {name!r} cannot be made: {error}", hint=hint) from error
    if not isinstance(fixup, ExecutionGraphFixup):
        raise UsageError(f"{name!r} made a {type(fixup).__name__}, not a graph fixup.", hint=hint)
    return fixup

"""Pickling what was defined in a notebook, so that it can be unpickled where that notebook is not."""

from __future__ import annotations

import io
import linecache
import pickle
import sys
from pathlib import Path
from types import FunctionType
from typing import Any

import cloudpickle
from cloudpickle import cloudpickle as inner
from lsst.pex.config import Config
from lsst.pex.config.config import ConfigMeta
from lsst.pipe.base import PipelineTaskConnections, Task
from lsst.pipe.base.connections import PipelineTaskConnectionsMetaclass

__all__ = ["classes_of_main", "dumps_by_value", "loads_with_sources", "make_bare_class"]


def dumps_by_value(value: object) -> bytes:
    """Pickle a value; functions and classes of ``__main__``, and local ones, with all that they consist of.

    `pickle.loads` reads it. The source of what was typed into a notebook goes along, so that tracebacks show it.
    """
    with io.BytesIO() as stream:
        pickler = _Pickler(stream)
        pickler.dump(value)
        packed = stream.getvalue()
    return pickle.dumps(_WithSources(packed, pickler.sources)) if pickler.sources else packed


def classes_of_main() -> dict[str, Any]:
    """Find the classes for tasks that were defined in a notebook or script."""
    return {
        name: value
        for name, value in vars(sys.modules["__main__"]).items()
        if isinstance(value, type)
        and value.__module__ == "__main__"
        and issubclass(value, (Task, Config, PipelineTaskConnections))
    }


class _WithSources:
    """Something pickled, which is unpickled once the sources of its functions are where tracebacks find them."""

    def __init__(self, packed: bytes, sources: dict[str, str]) -> None:
        self._packed = packed
        self._sources = sources

    def __reduce__(self) -> tuple[Any, ...]:
        return loads_with_sources, (self._packed, self._sources)


def loads_with_sources(packed: bytes, sources: dict[str, str]) -> object:
    """Unpickle a value, and keep the sources of its functions, by file name."""
    for name, text in sources.items():
        # As IPython does it: without a time, `linecache` looks for no file.
        linecache.cache.setdefault(name, (len(text), None, text.splitlines(keepends=True), name))
    return pickle.loads(packed)


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle has no types
    """Knows how to handle the classes that tasks are configured and connected by.

    Their metaclasses take keywords (``dimensions=…``), and make of them attributes of the class. Cloudpickle would call
    the metaclass again, without the keywords; but all attributes are there already.

    Attributes
    ----------
    sources
        Texts of the cells that the functions among it were defined in, by their file names.
    """

    def __init__(self, stream: io.BytesIO) -> None:
        super().__init__(stream)
        self.sources: dict[str, str] = {}

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, FunctionType):
            self._keep_source(value.__code__.co_filename)
        reduced = super().reducer_override(value)
        made_by_metaclass = isinstance(value, (ConfigMeta, PipelineTaskConnectionsMetaclass))
        if made_by_metaclass and isinstance(reduced, tuple) and reduced[0] is inner._make_skeleton_class:
            return (make_bare_class, *reduced[1:])
        return reduced

    def _keep_source(self, file: str) -> None:
        # What is in a file, the other process reads there.
        if file in linecache.cache and not Path(file).exists():
            self.sources[file] = "".join(linecache.getlines(file))


def make_bare_class(
    metaclass: type,
    name: str,
    bases: tuple[type, ...],
    attributes: dict[str, Any],
    tracker_id: str,
    _: object,
) -> type:
    """Make a class without what its metaclass does beyond `type`; cloudpickle then sets its attributes."""
    bare: type = type.__new__(metaclass, name, bases, dict(attributes))
    made: type = inner._lookup_class_or_track(tracker_id, bare)
    return made

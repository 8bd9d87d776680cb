"""Pickling what was defined in a notebook, so that it can be unpickled where that notebook is not."""

from __future__ import annotations

import io
import sys
from typing import Any

import cloudpickle
from cloudpickle import cloudpickle as inner
from lsst.pex.config import Config
from lsst.pex.config.config import ConfigMeta
from lsst.pipe.base import PipelineTaskConnections, Task
from lsst.pipe.base.connections import PipelineTaskConnectionsMetaclass

__all__ = ["classes_of_main", "dumps_by_value", "make_bare_class"]


def dumps_by_value(value: object) -> bytes:
    """Pickle a value; functions and classes of ``__main__``, and local ones, with all that they consist of.

    `pickle.loads` reads it.
    """
    with io.BytesIO() as stream:
        _Pickler(stream).dump(value)
        return stream.getvalue()


def classes_of_main() -> dict[str, Any]:
    """Find the classes for tasks that were defined in a notebook or script."""
    return {
        name: value
        for name, value in vars(sys.modules["__main__"]).items()
        if isinstance(value, type)
        and value.__module__ == "__main__"
        and issubclass(value, (Task, Config, PipelineTaskConnections))
    }


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle has no types
    """Knows how to handle the classes that tasks are configured and connected by.

    Their metaclasses take keywords (``dimensions=…``), and make of them attributes of the class. Cloudpickle would call
    the metaclass again, without the keywords; but all attributes are there already.
    """

    def reducer_override(self, value: Any) -> Any:
        reduced = super().reducer_override(value)
        made_by_metaclass = isinstance(value, (ConfigMeta, PipelineTaskConnectionsMetaclass))
        if made_by_metaclass and isinstance(reduced, tuple) and reduced[0] is inner._make_skeleton_class:
            return (make_bare_class, *reduced[1:])
        return reduced


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

"""Configurations are compared field by field, however deeply nested."""

from __future__ import annotations

import math

from lsst.pex.config import Config, ConfigDictField, ConfigField, ConfigurableField, Field

from jupyter_mpexec.execution.config_leaves import config_leaves


class Inner(Config):
    x = Field[float](doc="A number", default=1.0)


class Other(Config):
    y = Field[int](doc="Another", default=3)


class First:
    ConfigClass = Inner


class Second:
    ConfigClass = Other


class Outer(Config):
    inner = ConfigField(doc="Part", dtype=Inner)
    task = ConfigurableField(doc="Subtask", target=First)
    many = ConfigDictField(doc="Many", keytype=str, itemtype=Inner, default={})


def changes(config: Config, default: Config | None = None) -> dict[str, tuple[object, object]]:
    return {
        leaf.name: (leaf.default, leaf.value) for leaf in config_leaves(config, default) if leaf.is_changed
    }


def test_compared_with_another_one() -> None:
    one, other = Outer(), Outer()
    one.inner.x = other.inner.x = 2.0
    one.many["a"] = Inner(x=4.0)
    assert changes(one, other) == {"many.keys()": ([], ["a"]), "many['a'].x": (1.0, 4.0)}


def test_parts_of_another_class_are_compared_with_new_ones() -> None:
    config, default = Outer(), Outer()
    default.task.x = 9.0
    config.task.retarget(Second)
    config.task.y = 4
    assert changes(config, default) == {
        "task.target": (f"{__name__}.First", f"{__name__}.Second"),
        "task.y": (3, 4),
    }


def test_not_a_number_is_itself() -> None:
    one, other = Outer(), Outer()
    one.inner.x = math.nan
    assert changes(one).keys() == {"inner.x"}
    other.inner.x = math.nan
    assert changes(one, other) == {}

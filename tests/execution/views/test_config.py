from __future__ import annotations

from pathlib import Path

from lsst.pex.config import (
    Config,
    ConfigDictField,
    ConfigField,
    ConfigurableField,
    DictField,
    Field,
    ListField,
    makeRegistry,
)

from jupyter_mpexec.execution.views import bundle_for
from jupyter_mpexec.execution.views.config_fields import config_entries


class Inner(Config):
    x = Field[float](doc="A number", default=1.0)
    names = ListField[str](doc="Names", default=["a"])


class Other(Config):
    y = Field[int](doc="Another", default=3)


class First:
    ConfigClass = Inner


class Second:
    ConfigClass = Other


registry = makeRegistry("Algorithms")
registry.register("first", First)
registry.register("second", Second)


class Outer(Config):
    n = Field[int](doc="How many", default=1)
    optional = Field[str](doc="Perhaps", optional=True)
    inner = ConfigField(doc="Part", dtype=Inner)
    task = ConfigurableField(doc="Subtask", target=First)
    choice = registry.makeField("Choice", default="first")
    several = registry.makeField("Several", default=["first"], multi=True)
    table = DictField(doc="Table", keytype=str, itemtype=int, default={"k": 1})
    many = ConfigDictField(doc="Many", keytype=str, itemtype=Inner, default={})

    def setDefaults(self) -> None:  # noqa: N802  # upstream's name
        super().setDefaults()
        self.inner.x = 5.0


def changes(config: Config) -> dict[str, tuple[str, str]]:
    return {entry.name: (entry.value, entry.default) for entry in config_entries(config) if entry.is_changed}


def test_defaults_of_the_class_are_no_changes() -> None:
    config = Outer()
    assert changes(config) == {}
    names = [entry.name for entry in config_entries(config)]
    assert "inner.x" in names
    assert "choice['first'].x" in names
    assert "fields differ" in bundle_for(config)["text/plain"]


def test_every_kind_of_field() -> None:
    config = Outer()
    config.optional = "yes"
    config.inner.names.append("b")
    config.task.retarget(Second)
    config.task.y = 7
    config.choice.name = "second"
    config.choice["second"].y = 9
    config.several.names = ["first", "second"]
    config.table["z"] = 3
    config.many["q"] = Inner()
    config.many["q"].x = 2.0
    module = __name__
    assert changes(config) == {
        "optional": ("'yes'", "None"),
        "inner.names": ("['a', 'b']", "['a']"),
        "task.target": (f"'{module}.Second'", f"'{module}.First'"),
        "task.y": ("7", "3"),
        "choice.name": ("'second'", "'first'"),
        "choice['second'].y": ("9", "3"),
        "several.names": ("['first', 'second']", "['first']"),
        "table": ("{'k': 1, 'z': 3}", "{'k': 1}"),
        "many.keys()": ("['q']", "[]"),
        "many['q'].x": ("2.0", "1.0"),
    }


def test_where_it_was_set(tmp_path: Path) -> None:
    override = tmp_path / "override.py"
    override.write_text("# why\nconfig.n = 77\n")
    config = Outer()
    config.load(str(override))
    config.inner.x = 6.0
    places = {entry.name: entry.set_at for entry in config_entries(config) if entry.is_changed}
    assert places["n"].endswith("override.py, line 2")
    assert "test_config.py, line" in places["inner.x"]


def test_changes_come_first() -> None:
    config = Outer()
    config.n = 12
    bundle = bundle_for(config)
    assert bundle["text/plain"].splitlines()[1].startswith("  n = 12  (default 1)  [")
    html = bundle["text/html"]
    assert html.index(">n</code>") < html.index("<details")
    assert 'title="How many"' in html

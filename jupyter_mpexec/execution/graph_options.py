"""The options that a quantum graph is built with, and that its run needs again."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from lsst.resources import ResourcePath

from jupyter_mpexec.plain_values import plain, sequence_of

from .collection_names import as_names
from .locations import absolute_location

__all__ = ["METADATA_KEY", "GraphOptions"]

METADATA_KEY = "jupyter_mpexec"
"""Where the options are in the metadata of a quantum graph's header."""

_IN_METADATA = frozenset(
    {
        "input",
        "replace_run",
        "prune_replaced",
        "rebase",
        "clobber_outputs",
        "bind",
        "dataset_query_constraint",
    }
)


@dataclass(frozen=True, kw_only=True)
class GraphOptions:
    """Options of `GraphBuilder`, as given; each is the option of `pipetask` of the same name.

    Parameters
    ----------
    input
        Input collections, to be searched in this order.
    output
        CHAINED collection of the inputs and of all runs that were made with it.
    output_run
        RUN collection for the outputs; by default, the name of ``output`` and the time.
    extend_run
        Add to an existing run. What it has already is not made again: ``skip_existing`` is implied.
    replace_run
        Take the first run out of ``output``.
    prune_replaced
        What becomes of the replaced run: ``"purge"`` removes it, ``"unstore"`` deletes its files.
    rebase
        If ``input`` does not fit an existing ``output``, redefine the chain.
    skip_existing
        Leave out quanta whose outputs are in the output run already.
    skip_existing_in
        Leave out quanta whose outputs are in these collections already.
    clobber_outputs
        With ``extend_run``, remove the outputs of quanta that failed before they run again.
    data_query
        Expression on dimensions that data IDs must match.
    bind
        Values for names in ``data_query`` that begin with a colon.
    data_id_tables
        Astropy tables, or files of tables, with one data ID a row; only data IDs in all of them are used.
    dataset_query_constraint
        Overall inputs that must exist for a data ID to be used: ``"all"``, ``"off"``, or names of dataset
        types.
    datastore_records
        Put the records of the inputs into the graph, so that it can be run without a database (`pipetask
        run-qbb`).
    """

    input: tuple[str, ...] = ()
    output: str | None = None
    output_run: str | None = None
    extend_run: bool = False
    replace_run: bool = False
    prune_replaced: str | None = None
    rebase: bool = False
    skip_existing: bool = False
    skip_existing_in: tuple[str, ...] = ()
    clobber_outputs: bool = False
    data_query: str = ""
    bind: Mapping[str, Any] = field(default_factory=dict)
    data_id_tables: tuple[Any, ...] = ()
    dataset_query_constraint: str = "all"
    datastore_records: bool = False

    @classmethod
    def make(
        cls,
        *,
        input: str | Iterable[str] = (),  # noqa: A002  # the name of pipetask's option
        skip_existing_in: str | Iterable[str] = (),
        data_query: str | None = "",
        bind: Mapping[str, Any] | None = None,
        data_id_tables: Any = (),
        dataset_query_constraint: str | Iterable[str] = "all",
        output: str | None = None,
        output_run: str | None = None,
        **others: Any,
    ) -> Self:
        """Make options from what people write: one name for several, None or nothing for the default."""
        if not isinstance(data_id_tables, Sequence) or isinstance(data_id_tables, str):
            data_id_tables = (data_id_tables,) if data_id_tables is not None else ()
        if not isinstance(dataset_query_constraint, str):
            dataset_query_constraint = ",".join(dataset_query_constraint)
        return cls(
            input=as_names(input),
            output=output or None,
            output_run=output_run or None,
            skip_existing_in=as_names(skip_existing_in),
            data_query=data_query or "",
            bind={name: plain(value) for name, value in (bind or {}).items()},
            data_id_tables=tuple(
                absolute_location(table) if isinstance(table, str | os.PathLike | ResourcePath) else table
                for table in data_id_tables
            ),
            dataset_query_constraint=dataset_query_constraint,
            **others,
        )

    @property
    def skips_output_run(self) -> bool:
        """Whether quanta whose outputs are in the output run are left out."""
        return self.skip_existing or self.extend_run

    @property
    def collection_options(self) -> dict[str, Any]:
        """Those that `plan_outputs` takes."""
        names = ("input", "output", "output_run", "extend_run", "replace_run", "prune_replaced", "rebase")
        return {name: getattr(self, name) for name in names}

    def to_metadata(self) -> dict[str, Any]:
        """Get what a graph's header has no other place for, as plain values."""
        values = {name: getattr(self, name) for name in sorted(_IN_METADATA)}
        plain: dict[str, Any] = json.loads(json.dumps(values, default=str))
        return plain

    @classmethod
    def from_header(cls, header: Any) -> Self:
        """Get the options that a graph was built with from its header, as far as they are there.

        Upstream's `pipetask` stores fewer of them.
        """
        metadata: dict[str, Any] = header.metadata
        stored = {k: v for k, v in (metadata.get(METADATA_KEY) or {}).items() if k in _IN_METADATA}
        output = header.output or None
        if "input" not in stored:
            # The search path begins with the output run where that was extended, and has the output if it
            # existed.
            path = [name for name in header.inputs if name != header.output_run]
            stored["input"] = [] if output in path else path
        return cls.make(
            output=output,
            output_run=header.output_run,
            extend_run=bool(metadata.get("extend_run")),
            skip_existing=bool(metadata.get("skip_existing")),
            skip_existing_in=[n for n in metadata.get("skip_existing_in") or () if n != header.output_run],
            data_query=metadata.get("data_query") or "",
            **stored,
        )

    def replace(self, **changes: Any) -> Self:
        """Make a copy with other values."""
        return dataclasses.replace(self, **changes)

    @property
    def has_words(self) -> bool:
        """Whether all of them can be written as options: no table or value is in memory only."""
        return all(isinstance(table, str) for table in self.data_id_tables) and all(
            isinstance(item, str | int | float)
            for value in self.bind.values()
            for item in sequence_of(value) or (value,)
        )

    def words(self, *, for_file: bool = False) -> tuple[str, ...]:
        """Write the options as `pipetask` takes them; bind values are put into the data query.

        Parameters
        ----------
        for_file
            Leave out what `pipetask` does not take together with a graph file.
        """
        words: list[str] = []
        if self.input:
            words += ["-i", ",".join(self.input)]
        if self.output:
            words += ["-o", self.output]
        if self.output_run:
            words += ["--output-run", self.output_run]
        for name in ("extend_run", "replace_run", "rebase", "skip_existing", "clobber_outputs"):
            if getattr(self, name):
                words.append(f"--{name.replace('_', '-')}")
        if self.prune_replaced:
            words += ["--prune-replaced", self.prune_replaced]
        if self.skip_existing_in:
            words += ["--skip-existing-in", ",".join(self.skip_existing_in)]
        if for_file:
            return tuple(words)
        if self.data_query:
            words += ["-d", _bound(self.data_query, self.bind)]
        for table in self.data_id_tables:
            words += ["--data-id-table", str(table)]
        if self.dataset_query_constraint != "all":
            words += ["--dataset-query-constraint", self.dataset_query_constraint]
        if self.datastore_records:
            words.append("--qgraph-datastore-records")
        return tuple(words)


def _bound(query: str, bind: Mapping[str, Any]) -> str:
    """Put values where their names are, outside of quoted texts."""

    def literal(value: Any) -> str:
        if isinstance(value, str):
            return "'" + value.replace("'", "''") + "'"
        if (items := sequence_of(value)) is not None:
            return f"({', '.join(map(literal, items))})"
        return str(value)

    def put(match: re.Match[str]) -> str:
        name = match["name"]
        return literal(bind[name]) if name is not None and name in bind else match[0]

    # In `IN (:names)` the parentheses belong to the list.
    query = re.sub(
        r"\(\s*:(\w+)\s*\)",
        lambda m: f":{m[1]}" if sequence_of(bind.get(m[1])) is not None else m[0],
        query,
    )
    return re.sub(r"'[^']*'|(?<![\w:]):(?P<name>[A-Za-z_]\w*)", put, query)

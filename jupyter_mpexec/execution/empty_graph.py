"""Explain in words why a quantum graph is empty."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from lsst.daf.butler import Butler, ButlerUserError, MissingDatasetTypeError
from lsst.pipe.base.pipeline_graph import PipelineGraph

from jupyter_mpexec.errors import EmptyQuantumGraphError, NothingLeftError

__all__ = ["EmptyGraphDiagnosis", "kept_explanation"]

_NO_ROWS = "Initial data ID query returned no rows"

_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
_NAME = re.compile(r"[a-z_]\w*")


@dataclass(kw_only=True)
class EmptyGraphDiagnosis:
    """What is needed to find out why a graph is empty.

    Parameters
    ----------
    butler
        Client of the repository.
    pipeline_graph
        The pipeline, resolved.
    collections
        Collections that were searched for inputs.
    data_query, bind
        The query, and values for its names.
    tables
        Whether data-ID tables took part.
    skip_existing_in
        Collections whose quanta were left out.
    explanation
        What upstream's graph builder found out.
    """

    butler: Butler
    pipeline_graph: PipelineGraph
    collections: Sequence[str]
    data_query: str = ""
    bind: Mapping[str, Any] = field(default_factory=dict)
    tables: bool = False
    skip_existing_in: Sequence[str] = ()
    explanation: Sequence[str] = ()

    def error(self) -> EmptyQuantumGraphError:
        """Make the error that tells it."""
        searched = ", ".join(self.collections)
        missing, unmatched = self._inputs()
        explanation = self.explanation
        if self._excludes_all_data_ids():
            # Then datasets are not to blame, and what there is to say of each of them is noise.
            unmatched, explanation = [f"There is no data ID where {self._whole_query()}."], ()
        done = self._done()
        if done and not missing and not unmatched:
            return NothingLeftError(
                f"There is nothing left to do: the quanta of {', '.join(done)} are done already, and in "
                f"{', '.join(self.skip_existing_in)}.",
                hint="Leave out skip_existing= (--skip-existing), skip_existing_in= (--skip-existing-in) or "
                "extend_run= (--extend-run) to run them again.",
            )
        lines = ["The quantum graph is empty: no quantum has all that it needs."]
        lines += [f"- {reason}" for reason in [*missing, *unmatched]]
        if not missing and not unmatched:
            lines.append(
                f"- Each input has datasets in {searched}, but there is no data ID that they have in common"
                + (f" where {self.data_query}." if self.data_query else ".")
            )
        if self.tables:
            lines.append("- Only data IDs in the data-ID tables were looked for.")
        lines += [f"- The query for data IDs: {line}" for line in explanation]
        return EmptyQuantumGraphError("\n".join(lines), hint=self._hint(bool(missing), bool(unmatched)))

    @property
    def has_unknown_inputs(self) -> bool:
        """Whether the pipeline reads dataset types that the repository does not know."""
        return any(
            self._count(name, "") is None
            for name, _ in self.pipeline_graph.iter_overall_inputs()
            if self._required_by(name)
        )

    def _hint(self, missing: bool, unmatched: bool) -> str:
        hints = []
        if missing:
            hints.append("Check input= (-i): are those the collections that have these datasets?")
        if unmatched and self.data_query:
            hints.append(
                "Check data_query= (-d): leave parts of it out to see which one excludes everything."
            )
        elif self.tables:
            hints.append("Check data_id_tables= (--data-id-table).")
        return " ".join(hints) or "Look at the inputs with `butler query-datasets`."

    def _inputs(self) -> tuple[list[str], list[str]]:
        """Describe inputs that have no datasets at all, and those that have none where the query looks."""
        missing, unmatched = [], []
        searched = ", ".join(self.collections)
        for name, _ in self.pipeline_graph.iter_overall_inputs():
            consumers = ", ".join(self._required_by(name))
            if not consumers:
                continue
            found = self._count(name, "")
            if found is None:
                missing.append(
                    f"{name!r}, which {consumers} reads, is not a dataset type of this repository."
                )
            elif not found:
                missing.append(f"{name!r}, which {consumers} reads, has no datasets in {searched}.")
            elif self.data_query and self._count(name, self.data_query) == 0:
                unmatched.append(
                    f"{name!r}, which {consumers} reads, has datasets in {searched}, but none where "
                    f"{self.data_query}."
                )
        return missing, unmatched

    def _whole_query(self) -> str:
        own = " AND ".join(
            f"{name} = {value!r}" for name, value in self.pipeline_graph.data_id.mapping.items()
        )
        return f"{self.data_query} (and {own}, for which the pipeline is)" if own else self.data_query

    def _excludes_all_data_ids(self) -> bool:
        """Whether nothing in the repository fits the data query, whatever the datasets."""
        if not self.data_query:
            return False
        known = self.butler.dimensions.dimensions.names
        names = known & set(_NAME.findall(_TEXT.sub("", self.data_query).lower()))
        try:
            with self.butler.query() as query:
                found = query.where(self.pipeline_graph.data_id, self.data_query, bind=self.bind)
                return not found.data_ids(names).any()
        except ButlerUserError:
            return False

    def _required_by(self, dataset_type: str) -> list[str]:
        """List the tasks that cannot do without a dataset type."""
        labels = [
            edge.task_label
            for edge in self.pipeline_graph.consuming_edges_of(dataset_type)
            if edge.is_init
            or not self.pipeline_graph.tasks[edge.task_label].is_optional(edge.connection_name)
        ]
        return list(dict.fromkeys(labels))

    def _count(self, dataset_type: str, where: str) -> int | None:
        """Count datasets up to one; None if there is no such dataset type."""
        try:
            with self.butler.query() as query:
                results = query.datasets(dataset_type, self.collections, find_first=False)
                return int(results.where(self.pipeline_graph.data_id, where, bind=self.bind).any(exact=False))
        except MissingDatasetTypeError:
            return None
        except ButlerUserError:
            return 1  # the query does not apply to this dataset type: do not blame it

    def _done(self) -> list[str]:
        """List the tasks that have finished quanta in the collections whose quanta are left out."""
        if not self.skip_existing_in:
            return []
        done = []
        for label, task in self.pipeline_graph.tasks.items():
            try:
                with self.butler.query() as query:
                    results = query.datasets(
                        task.metadata_output.parent_dataset_type_name, self.skip_existing_in, find_first=False
                    )
                    if results.any(exact=False):
                        done.append(label)
            except ButlerUserError:
                continue
        return done


class _Keeper(logging.Filter):
    """Keeps upstream's explanation, which would otherwise go to the log as a page of Python."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if not message.startswith(_NO_ROWS):
            return True
        explanation = message.partition("To reproduce this query")[0].splitlines()[1:]
        self.lines.extend(line.strip() for line in explanation if line.strip())
        return False


@contextmanager
def kept_explanation(logger: logging.Logger) -> Iterator[list[str]]:
    """Catch what upstream's graph builder logs about a query without results.

    Parameters
    ----------
    logger
        The builder's logger.
    """
    keeper = _Keeper()
    logger.addFilter(keeper)
    try:
        yield keeper.lines
    finally:
        logger.removeFilter(keeper)

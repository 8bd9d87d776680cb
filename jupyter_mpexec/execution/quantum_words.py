"""Which quanta of a run are meant, in the words of a command line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from lsst.pipe.base.pipeline_graph import TaskImportMode
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph

from ..errors import JournalError, OptionError, RunError, did_you_mean
from ..report import RunReport
from ..status import QuantumStatus
from ..watch.catalogue import QuantumCatalogue
from .run_folder import RunFolder
from .views.quantum_catalogue import quantum_catalogue
from .zipfile_fix import mend_zipfile

__all__ = ["QuantumAction", "QuantumChoice", "fitting_names", "quanta_of_words"]

QuantumAction = Literal["retry", "cancel", "skip"]

_UNDONE = (QuantumStatus.FAILED, QuantumStatus.CANCELLED)

_FITTING: Mapping[QuantumAction, Sequence[QuantumStatus]] = {
    "retry": _UNDONE,
    "cancel": (QuantumStatus.PENDING, QuantumStatus.RUNNING),
    "skip": (QuantumStatus.PENDING, *_UNDONE),
}
"""States of quanta that an action can do something about."""

_NAME = re.compile(r"(?P<label>[^()\s]+)\((?P<values>.*)\)")
_MOST_NAMED = 5
_MOST_SUGGESTED = 100


@dataclass(frozen=True)
class QuantumChoice:
    """Quanta of a run.

    Parameters
    ----------
    ids
        Their identifiers.
    names
        Their names, in the same order.
    unfit
        How many more were meant, with which nothing can be done any more, or yet.
    """

    ids: tuple[UUID, ...]
    names: tuple[str, ...]
    unfit: int = 0


def quanta_of_words(folder: RunFolder, words: Iterable[str], action: QuantumAction) -> QuantumChoice:
    """Find the quanta that are meant, and leave out those that the action can do nothing about.

    Parameters
    ----------
    folder
        Folder of the run.
    words
        Names of quanta: identifiers, beginnings or ends of them, or task label and data ID (so much of it that there
        is only one such quantum). None at all means every quantum that failed or was cancelled.
    action
        What is to be done with them.

    Raises
    ------
    OptionError
        Raised if there is no such quantum, or more than one.
    RunError
        Raised if none is left.
    """
    report = RunReport.from_events(folder.journal.read())
    words = tuple(words)
    if not words:
        records = [record for record in report.quanta.values() if record.status in _UNDONE]
        if not records:
            raise RunError(f"No quantum of the run {folder.name} has failed: there is nothing to {action}.")
        return QuantumChoice(
            tuple(UUID(record.quantum_id) for record in records), tuple(record.name for record in records)
        )
    catalogue = _read_catalogue(folder)
    positions = dict.fromkeys(_find(catalogue, word, folder.name) for word in words)
    statuses = {position: _status(report, catalogue.ids[position]) for position in positions}
    fit = [position for position, status in statuses.items() if status in _FITTING[action]]
    if not fit:
        position, status = next(iter(statuses.items()))
        word = status.value.replace("_", " ")
        raise RunError(
            f"The state of {catalogue.name(position)} is {word!r}: there is nothing to {action}.",
            hint=f"Its run is {folder.name}; see it with: %pipetask attach {folder.name}",
        )
    return QuantumChoice(
        tuple(UUID(catalogue.ids[position]) for position in fit),
        tuple(map(catalogue.name, fit)),
        len(positions) - len(fit),
    )


def fitting_names(folder: RunFolder, action: QuantumAction) -> list[str]:
    """List quanta that have been heard of and that an action can do something about, by name, without spaces."""
    report = RunReport.from_events(folder.journal.read())
    fitting = [record.name for record in report.quanta.values() if record.status in _FITTING[action]]
    return [name.replace(", ", ",") for name in fitting[:_MOST_SUGGESTED]]


def _status(report: RunReport, quantum_id: str) -> QuantumStatus:
    record = report.quanta.get(quantum_id)
    return record.status if record is not None else QuantumStatus.PENDING


def _read_catalogue(folder: RunFolder) -> QuantumCatalogue:
    """Read which quanta there are, without what they read and write: that takes long."""
    mend_zipfile()
    try:
        with PredictedQuantumGraph.open(
            folder.graph_file, import_mode=TaskImportMode.DO_NOT_IMPORT
        ) as reader:
            reader.read_thin_graph()
            return quantum_catalogue(reader.components)
    except Exception as error:  # a damaged file can fail in any of several parsers
        raise JournalError(
            f"The quantum graph of the run {folder.name} cannot be read: {error}",
            hint=f"It is in {folder.graph_file}.",
        ) from error


def _find(catalogue: QuantumCatalogue, word: str, run: str) -> int:
    if word in catalogue.positions:
        return catalogue.positions[word]
    named = _NAME.fullmatch(word.strip())
    found = _with_data_id(catalogue, named) if named else _with_id(catalogue, word)
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(map(catalogue.name, found[:_MOST_NAMED]))
        more = ", …" if len(found) > _MOST_NAMED else ""
        raise OptionError(f"{len(found)} quanta may be meant by {word!r}.", hint=f"Which one: {names}{more}?")
    near = did_you_mean(word, map(catalogue.name, range(len(catalogue)))) if named else ""
    raise OptionError(
        f"The run {run} has no quantum {word!r}.",
        hint=near or "A quantum is named by its ID, which the run panel and `run.report.quanta` show.",
    )


def _with_id(catalogue: QuantumCatalogue, word: str) -> list[int]:
    # Identifiers that are made at the same time begin alike: their ends are what differs.
    part = word.lower()
    return [
        position
        for position, name in enumerate(catalogue.ids)
        if part and (name.startswith(part) or name.endswith(part))
    ]


def _with_data_id(catalogue: QuantumCatalogue, named: re.Match[str]) -> list[int]:
    task = catalogue.by_label.get(named["label"])
    if task is None:
        return []
    pairs = [pair.partition("=") for pair in named["values"].split(",") if pair.strip()]
    wanted = {(name.strip(), value.strip().strip("'\"")) for name, _, value in pairs}
    return [
        position
        for position in task.positions
        if wanted <= {(name, str(value)) for name, value in catalogue.data_id(position).items()}
    ]

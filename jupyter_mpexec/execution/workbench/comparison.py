"""An attempt beside another one, or beside what is in the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lsst.pipe.base import TaskMetadata

from ...debug.value_text import describe_error
from ...errors import RunError, sentence
from ...status import QuantumStatus
from .attempt import Attempt
from .value_difference import ValueDifference, value_difference

if TYPE_CHECKING:
    from .open_quantum import OpenQuantum

__all__ = ["Comparison", "compare_attempts"]

_TIMES = (
    *("Utc", "CpuTime", "UserTime", "SystemTime", "MaxResidentSetSize"),
    *("MinorPageFaults", "MajorPageFaults", "BlockInputs", "BlockOutputs"),
    *("VoluntaryContextSwitches", "InvoluntaryContextSwitches"),
)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What differs between two attempts; shown at the end of a cell, it is a page with pictures of the differences.

    Parameters
    ----------
    name
        Task label and data ID.
    before, after
        What is compared, in words.
    outputs
        Parts of the outputs.
    missing
        Outputs that only one of the two has, in words.
    metadata
        Names, values before, and values after of metadata that differ.
    duration
        Seconds before and after; None where unknown.
    errors
        What each of the two has failed with; empty where it has not.
    """

    name: str
    before: str
    after: str
    outputs: Sequence[ValueDifference]
    missing: Sequence[str] = ()
    metadata: Sequence[tuple[str, str, str]] = field(default=())
    duration: tuple[float | None, float | None] = (None, None)
    errors: tuple[str, str] = ("", "")

    @property
    def same(self) -> bool:
        """Whether both have come to the same: all outputs, or the same error."""
        return (
            self.errors[0] == self.errors[1] and not self.missing and all(part.same for part in self.outputs)
        )

    def __getitem__(self, name: str) -> ValueDifference:
        for part in self.outputs:
            if part.name == name:
                return part
        raise KeyError(name)

    def __repr__(self) -> str:
        differing = sum(not part.same for part in self.outputs)
        return f"Comparison({self.name!r}, {self.before} with {self.after}: {differing} of {len(self.outputs)} differ)"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from ..views.comparison import comparison_bundle

        return comparison_bundle(self)


@dataclass(frozen=True, kw_only=True)
class _Side:
    label: str
    number: int = 0
    outputs: Mapping[str, Any]
    metadata: Mapping[str, str]
    duration: float | None
    error: str = ""
    damaged: Mapping[str, Exception] = field(default_factory=dict)


def compare_attempts(opened: OpenQuantum, attempt: Attempt, other: Attempt | int | None) -> Comparison:
    """Compare an attempt with another one, or with the run; see `OpenQuantum.compare`.

    Raises
    ------
    RunError
        Raised if there is nothing to compare with.
    """
    before, after = _other(opened, attempt, other), _of_attempt(opened, attempt)
    if before.number > after.number:
        before, after = after, before
    parts: list[ValueDifference] = []
    missing = [f"{name} cannot be read from the run: {sentence(why)}" for name, why in before.damaged.items()]
    for name in dict.fromkeys((*before.outputs, *after.outputs)):
        if name in before.damaged:
            continue
        if name not in before.outputs:
            missing.append(f"{name} is new")
        elif name not in after.outputs:
            missing.append(f"{name} is not written any more")
        else:
            pair = before.outputs[name], after.outputs[name]
            parts += value_difference(name, *pair, was_stored=not before.number)
    names = dict.fromkeys((*before.metadata, *after.metadata))
    metadata = [(n, before.metadata.get(n, ""), after.metadata.get(n, "")) for n in names]
    return Comparison(
        name=opened.name,
        before=before.label,
        after=after.label,
        outputs=parts,
        missing=missing,
        metadata=[row for row in metadata if row[1] != row[2]],
        duration=(before.duration, after.duration),
        errors=(before.error, after.error),
    )


def _other(opened: OpenQuantum, attempt: Attempt, other: Attempt | int | None) -> _Side:
    if isinstance(other, Attempt):
        return _of_attempt(opened, other)
    earlier = [each for each in opened.attempts if each.number < attempt.number]
    if other:
        found = [each for each in opened.attempts if each.number == other]
        if not found:
            raise RunError(f"{opened.name} has no attempt {other}.", hint="0 stands for what is in the run.")
        return _of_attempt(opened, found[0])
    if other is None and (good := [each for each in earlier if each.succeeded]):
        return _of_attempt(opened, good[-1])
    run = _of_run(opened)
    if run is None:
        if other is None and earlier:
            return _of_attempt(opened, earlier[-1])
        raise RunError(
            f"There is nothing to compare with: {opened.name} has no outputs in the run.",
            hint="Run it once more, with something else changed, and compare the attempts.",
        )
    return run


def _of_run(opened: OpenQuantum) -> _Side | None:
    """Read what is in the run; None if that is nothing."""
    datasets = opened.outputs
    found: dict[str, Any] = {}
    damaged: dict[str, Exception] = {}
    for name, ref in datasets.stored.items():
        try:
            found[name] = datasets.read(ref)
        except Exception as error:
            # Formatters raise what they like. To replace such a file may be what this is about.
            damaged[name] = error
    metadata: TaskMetadata | None = None
    try:
        metadata = opened.metadata
    except Exception as error:
        damaged["the metadata"] = error
    if metadata is None and not found and not damaged:
        return None
    return _Side(
        label="the run",
        outputs=found,
        damaged=damaged,
        metadata=_flat(metadata) if metadata is not None else {},
        duration=opened.record.duration or None,
        error=_failure_in_run(opened),
    )


def _failure_in_run(opened: OpenQuantum) -> str:
    record = opened.record
    if record.status is not QuantumStatus.FAILED or record.failure is None:
        return ""
    return f"{record.failure.exception.rpartition('.')[2]}: {record.failure.message}"


def _of_attempt(opened: OpenQuantum, attempt: Attempt) -> _Side:
    written = {ref.id: value for ref, value in attempt.written.items()}
    return _Side(
        label=f"attempt {attempt.number}",
        number=attempt.number,
        outputs={name: written[ref.id] for name, ref in opened.outputs.each.items() if ref.id in written},
        metadata=_flat(attempt.metadata) if attempt.metadata is not None else {},
        duration=attempt.duration,
        error=describe_error(attempt.error) if attempt.error is not None else "",
    )


def _flat(metadata: TaskMetadata) -> dict[str, str]:
    """Write metadata as text by full name; without those of the execution, such as times, which always differ."""
    found: dict[str, str] = {}

    def collect(values: Mapping[str, Any], prefix: str) -> None:
        for name, value in values.items():
            if isinstance(value, Mapping):
                collect(value, f"{prefix}{name}.")
            elif not name.endswith(_TIMES):
                found[f"{prefix}{name}"] = str(value)

    collect({name: value for name, value in metadata.to_dict().items() if name != "quantum"}, "")
    return found

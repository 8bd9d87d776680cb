"""An attempt beside another one, or beside what is in the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lsst.pipe.base import TaskMetadata

from ...errors import RunError
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


def compare_attempts(opened: OpenQuantum, attempt: Attempt, other: Attempt | int | None) -> Comparison:
    """Compare an attempt with another one, or with the run; see `OpenQuantum.compare`.

    Raises
    ------
    RunError
        Raised if there is nothing to compare with.
    """
    before, after = _other(opened, attempt, other), _of_attempt(attempt)
    if before.number > after.number:
        before, after = after, before
    parts: list[ValueDifference] = []
    missing: list[str] = []
    for name in dict.fromkeys((*before.outputs, *after.outputs)):
        if name not in before.outputs:
            missing.append(f"{name} is new")
        elif name not in after.outputs:
            missing.append(f"{name} is not written any more")
        else:
            parts += value_difference(name, before.outputs[name], after.outputs[name])
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
        return _of_attempt(other)
    earlier = [each for each in opened.attempts if each.number < attempt.number]
    if other:
        found = [each for each in opened.attempts if each.number == other]
        if not found:
            raise RunError(f"{opened.name} has no attempt {other}.", hint="0 stands for what is in the run.")
        return _of_attempt(found[0])
    if other is None and (good := [each for each in earlier if each.succeeded]):
        return _of_attempt(good[-1])
    exists = opened.outputs.exists
    outputs = {name: opened.outputs[name] for name, there in exists.items() if there}
    metadata = opened.metadata
    if not outputs and metadata is None:
        if other is None and earlier:
            return _of_attempt(earlier[-1])
        raise RunError(
            f"There is nothing to compare with: {opened.name} has no outputs in the run.",
            hint="Run it once more, with something else changed, and compare the attempts.",
        )
    return _Side(
        label="the run",
        outputs=outputs,
        metadata=_flat(metadata) if metadata is not None else {},
        duration=opened.record.duration or None,
    )


def _of_attempt(attempt: Attempt) -> _Side:
    return _Side(
        label=f"attempt {attempt.number}",
        number=attempt.number,
        outputs=attempt.outputs,
        metadata=_flat(attempt.metadata) if attempt.metadata is not None else {},
        duration=attempt.duration,
        error=f"{type(attempt.error).__name__}: {attempt.error}" if attempt.error is not None else "",
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

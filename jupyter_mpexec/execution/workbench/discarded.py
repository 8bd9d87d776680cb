"""What `OpenQuantum.discard` has done, in a sentence or two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...display.formats import plural

__all__ = ["Discarded"]


@dataclass(frozen=True, repr=False)
class Discarded:
    """What was forgotten.

    Parameters
    ----------
    name
        The quantum.
    attempts, patches, fields
        How many reruns, patched methods and changed configuration fields were forgotten.
    promoted
        Numbers of the attempts among them that are in the output run.
    released
        Whether the quantum went back to its run.
    """

    name: str
    attempts: int = 0
    patches: int = 0
    fields: int = 0
    promoted: Sequence[int] = ()
    released: bool = False

    def __repr__(self) -> str:
        counts = (
            (self.attempts, "attempt"),
            (self.patches, "patched method"),
            (self.fields, "changed configuration field"),
        )
        forgotten = [plural(n, what) for n, what in counts if n]
        if forgotten:
            said = [f"Forgotten of {self.name}: {', '.join(forgotten)}."]
        elif self.released:
            said = []
        else:
            said = [f"There was nothing to discard of {self.name}."]
        if self.promoted:
            which = ", ".join(map(str, self.promoted))
            said.append(f"What attempt {which} wrote to the output run stays there.")
        if self.released:
            said.append(f"{self.name} goes back to its run.")
        return " ".join(said)

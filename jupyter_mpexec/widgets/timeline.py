"""When each quantum ran, and where: a bar each, on a lane per worker, with memory below."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import traitlets

from jupyter_mpexec.display.formats import duration, plural
from jupyter_mpexec.display.status_codes import status_code
from jupyter_mpexec.status import QuantumStatus

from .live_view import LiveView
from .packing import little_endian

__all__ = ["Bar", "Timeline"]


class Bar(NamedTuple):
    """One execution of a quantum.

    Times are in seconds since the run started.
    """

    quantum: int
    """Number of the quantum, which a click selects."""

    lane: int
    """Index into `Timeline.lanes`: the worker."""

    start: float
    end: float | None
    """None while it runs: the bar then grows until it is added again with an end."""

    status: QuantumStatus | str
    label: int
    """Index into `Timeline.labels`: the task."""


class Timeline(LiveView):
    """A Gantt chart of quanta per worker, memory over time below, and the critical path marked.

    It stays quick with 100,000 bars. The arrow keys and a drag move in time, plus and minus and the wheel zoom; a
    click selects.

    Parameters
    ----------
    lanes
        Names of the workers; more may be assigned later.
    labels
        Task labels that bars refer to; more may be assigned later.
    label
        What the timeline shows, for people who do not see it.
    height
        Greatest height in CSS pixels; few lanes take less.
    describe
        Given the number of a quantum, returns further lines for its tooltip, such as its data ID.

    Attributes
    ----------
    lanes, labels : `list` [`str`]
        As above.
    live : `bool`
        Whether time goes on; bars without an end grow to the right edge.
    selected : `int`
        Number of the selected quantum, or -1. Observe it to follow clicks; assign it to select.
    critical_path : `list` [`int`]
        Numbers of the quanta on the path that decides how long the run takes.
    """

    _kind = "timeline"

    lanes = traitlets.List(traitlets.Unicode(), help="Names of the workers.").tag(sync=True)
    labels = traitlets.List(traitlets.Unicode(), help="Task labels that bars refer to.").tag(sync=True)
    live = traitlets.Bool(False, help="Whether time goes on.").tag(sync=True)
    selected = traitlets.Int(-1, help="Number of the selected quantum, or -1.").tag(sync=True)
    critical_path = traitlets.List(traitlets.Int(), help="Quanta on the critical path.").tag(sync=True)

    def __init__(
        self,
        lanes: Sequence[str] = (),
        labels: Sequence[str] = (),
        *,
        label: str = "Timeline",
        height: int = 320,
        describe: Callable[[int], str] | None = None,
        **traits: Any,
    ) -> None:
        self._bars = _Columns()
        self._newest: dict[int, int] = {}
        self._memory = array("d")
        self._now = 0.0
        super().__init__(
            label=label, height=height, describe=describe, lanes=list(lanes), labels=list(labels), **traits
        )

    def add(self, bars: Iterable[Bar], *, now: float | None = None) -> None:
        """Add bars, or give running ones their end.

        Parameters
        ----------
        bars
            New executions. One that began when the last bar of its quantum did replaces that bar.
        now
            Seconds since the run started; running bars reach up to it, and from then on the browser's clock counts.
        """
        with self._lock:
            changed = _Columns()
            places = array("I")
            for bar in bars:
                place = self._newest.get(bar.quantum, -1)
                if place < 0 or self._bars.start(place) != bar.start:
                    place = self._newest[bar.quantum] = len(self._bars)
                self._bars.put(place, bar)
                changed.put(len(changed), bar)
                places.append(place)
                self._now = max(self._now, bar.start, bar.end or 0.0)
            self._now = max(self._now, now or 0.0)
            if places or now is not None:
                self._publish({"now": self._now}, [little_endian(places), *changed.packed().values()])

    def add_memory(self, samples: Iterable[tuple[float, float]]) -> None:
        """Add memory readings.

        Parameters
        ----------
        samples
            Seconds since the run started, and bytes of all processes together; in the order of time.
        """
        with self._lock:
            new = array("d", (value for sample in samples for value in sample))
            if new:
                self._memory.extend(new)
                self._publish({"now": self._now, "memory": True}, [little_endian(new)])

    def clear(self) -> None:
        """Take all bars and readings away."""
        with self._lock:
            self._bars, self._newest, self._memory, self._now = _Columns(), {}, array("d"), 0.0
            self.selected, self.critical_path = -1, []
            self._sequence += 1
            self.keyframe()

    def _whole(self) -> dict[str, Any]:
        return {"now": self._now, "memory": little_endian(self._memory), **self._bars.packed()}

    def _plain_text(self) -> str:
        return f"{self.label}: {plural(len(self._bars), 'bar')}, {duration(self._now)}"


class _Columns:
    """Bars as arrays, one a field: compact here, and ready to be sent."""

    def __init__(self) -> None:
        self._quantum, self._lane, self._label = array("I"), array("I"), array("I")
        self._start, self._end, self._status = array("d"), array("d"), array("B")

    def __len__(self) -> int:
        return len(self._quantum)

    def start(self, place: int) -> float:
        """Tell when a bar begins."""
        return self._start[place]

    def put(self, place: int, bar: Bar) -> None:
        """Write a bar at a place, which may be the one after the last."""
        end = math.nan if bar.end is None else bar.end
        values = (bar.quantum, bar.lane, bar.label, bar.start, end, status_code(bar.status))
        for column, value in zip(self._all(), values, strict=True):
            column[place : place + 1] = array(column.typecode, [value])

    def packed(self) -> dict[str, bytes]:
        """Give the bytes of each column, in the order in which the browser reads them."""
        names = ("quantum", "lane", "label", "start", "end", "status")
        return {name: little_endian(column) for name, column in zip(names, self._all(), strict=True)}

    def _all(self) -> tuple[array[Any], ...]:
        return self._quantum, self._lane, self._label, self._start, self._end, self._status

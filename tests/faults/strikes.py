"""When, and which, processes of a run are killed: everything is drawn from a seed."""

from __future__ import annotations

import contextlib
import random
import signal
import threading
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from .processes import MarkedProcess, kill, marked_processes
from .snapshot import DATABASE, OUTPUT_RUN

__all__ = ["Sight", "Strike", "Striker", "draw_strike"]

_PAUSE = 0.005
_SECONDS_TO_KNOW = 0.25


@dataclass(frozen=True)
class Sight:
    """What a striker looks at.

    Parameters
    ----------
    mark
        Of the processes.
    root
        The repository.
    runs
        The folder with the folders of runs.
    """

    mark: str
    root: Path
    runs: Path

    def lines(self) -> int:
        """Count the events in the journals."""
        count = 0
        for journal in self.runs.glob("*/journal.jsonl"):
            count += journal.read_bytes().count(b"\n")
        return count

    def outputs(self) -> int:
        """Count the logs of quanta: each is the last file of its quantum."""
        return sum(1 for path in (self.root / OUTPUT_RUN).glob("*_log/**/*.json"))

    def writes_to_registry(self) -> bool:
        """Tell whether a transaction is under way: then SQLite keeps a journal of its own."""
        return (self.root / f"{DATABASE}-journal").exists()


class Moment(ABC):
    """A point in a session, counted from its beginning."""

    def begin(self, sight: Sight) -> None:  # noqa: B027  # most have nothing to remember
        """Note how things are when the session begins."""

    @abstractmethod
    def has_come(self, sight: Sight) -> bool:
        """Tell whether it is there, or over."""


@dataclass
class AfterSeconds(Moment):
    seconds: float

    def begin(self, sight: Sight) -> None:
        self._begin = time.monotonic()

    def has_come(self, sight: Sight) -> bool:
        return time.monotonic() - self._begin >= self.seconds


@dataclass
class AfterEvents(Moment):
    count: int

    def begin(self, sight: Sight) -> None:
        self._before = sight.lines()

    def has_come(self, sight: Sight) -> bool:
        return sight.lines() - self._before >= self.count


@dataclass
class AfterOutputs(Moment):
    """Just when the last file of a quantum has been written, and before anybody was told."""

    count: int

    def begin(self, sight: Sight) -> None:
        self._before = sight.outputs()

    def has_come(self, sight: Sight) -> bool:
        return sight.outputs() - self._before >= self.count


@dataclass
class DuringIngest(Moment):
    """While rows of quanta are being written to the registry."""

    def begin(self, sight: Sight) -> None:
        self._before = sight.lines()

    def has_come(self, sight: Sight) -> bool:
        # What is written before the first event makes the output run ready.
        return sight.writes_to_registry() and sight.lines() > self._before


@dataclass(frozen=True)
class Strike:
    """Kill something at some moment.

    Parameters
    ----------
    moment
        When.
    delay
        Seconds to wait then.
    freeze
        Seconds for which the runner is stopped before, so that files come to be that no journal tells of.
    target
        ``runner``, ``worker``, ``workers``, ``both``, ``server`` or ``all``.
    """

    moment: Moment
    delay: float
    freeze: float
    target: str

    def choose(self, processes: list[MarkedProcess], rng: random.Random) -> list[MarkedProcess]:
        """Choose whom it hits; nobody if they are not there yet."""
        runners = [p for p in processes if p.role == "runner"]
        workers = [p for p in processes if p.role == "worker"]
        servers = [p for p in processes if p.role == "server" and "resource_tracker" not in p.command]
        chosen = {
            "runner": runners,
            "worker": rng.sample(workers, 1) if workers else [],
            "workers": workers,
            "both": [*runners, *rng.sample(workers, 1)] if workers else [],
            # There is none before a worker has to be replaced.
            "server": servers or runners,
            "all": processes,
        }[self.target]
        return rng.sample(chosen, len(chosen))


def draw_strike(rng: random.Random, seconds: float, events: int, outputs: int) -> Strike:
    """Draw a strike.

    Parameters
    ----------
    rng
        The only source of chance.
    seconds, events, outputs
        How long a session lasts, how many events it has, and how many quanta have a log.
    """
    moments: list[Moment] = [
        AfterSeconds(rng.uniform(0.1, seconds)),
        AfterEvents(rng.randint(1, max(1, events))),
        AfterOutputs(rng.randint(1, max(1, outputs))),
        DuringIngest(),
    ]
    [moment] = rng.choices(moments, [35, 30, 20, 15])
    # Half of them strike at once.
    delay = max(0.0, rng.uniform(-0.1, 0.1)) if not isinstance(moment, AfterSeconds) else 0.0
    freeze = rng.uniform(0.05, 1.0) if rng.random() < 0.2 else 0.0
    names = ["runner", "worker", "workers", "both", "server", "all"]
    [target] = rng.choices(names, [35, 15, 10, 20, 10, 10])
    return Strike(moment, delay, freeze, target)


class Striker(threading.Thread):
    """Waits for the moment of a strike, and strikes.

    Attributes
    ----------
    hit
        Who was killed.
    error
        What went wrong here, if anything did.
    """

    def __init__(self, strike: Strike, sight: Sight, rng: random.Random) -> None:
        super().__init__(name="striker", daemon=True)
        self.hit: list[MarkedProcess] = []
        self.error: BaseException | None = None
        self._strike = strike
        self._sight = sight
        self._rng = rng
        self._over = threading.Event()
        self._known: list[MarkedProcess] = []
        self._looked = 0.0
        strike.moment.begin(sight)
        self.start()

    def run(self) -> None:
        try:
            while not self._over.is_set() and not self.hit:
                self._look_around()
                if self._has_come():
                    self._hit()
                time.sleep(_PAUSE)
        except BaseException as error:
            self.error = error

    def call_off(self) -> list[MarkedProcess]:
        """Say that the session is over; returns who was hit in it."""
        self._over.set()
        self.join()
        if self.error is not None:
            raise self.error
        return self.hit

    def _has_come(self) -> bool:
        # Files come and go while they are counted.
        with contextlib.suppress(FileNotFoundError):
            return self._strike.moment.has_come(self._sight)
        return False

    def _look_around(self) -> None:
        # Beforehand: it takes longer than many a moment lasts.
        if time.monotonic() - self._looked > _SECONDS_TO_KNOW:
            self._known = marked_processes(self._sight.mark)
            self._looked = time.monotonic()

    def _hit(self) -> None:
        self._over.wait(self._strike.delay)
        chosen = self._strike.choose(self._known, self._rng)
        if not chosen:
            return
        runners = [p for p in self._known if p.role == "runner"] if self._strike.freeze else []
        try:
            for process in runners:
                kill(process.pid, signal.SIGSTOP)
            if runners:
                self._over.wait(self._strike.freeze)
            self.hit = [process for process in chosen if kill(process.pid)]
        finally:
            for process in runners:
                kill(process.pid, signal.SIGCONT)

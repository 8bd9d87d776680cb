"""Many runs, each struck at random until it is done in spite of it."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_mpexec.errors import JupyterMpexecError
from jupyter_mpexec.execution.run import Run
from jupyter_mpexec.execution.run_folder import runs_folder
from jupyter_mpexec.status import RunState

from .scene import Scene, open_scene
from .strikes import Sight, Striker, draw_strike
from .survey import Reference, Survey

__all__ = ["Tally", "play"]

_MOST_STRIKES = 3
_SHARE_LEFT = 0.6
_MOST_ATTEMPTS = 3


@dataclass
class Tally:
    """Counts what was done to runs, and what came of it."""

    runs: int = 0
    sessions: int = 0
    unharmed: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    moments: Counter[str] = field(default_factory=Counter)
    differences: int = 0

    @classmethod
    def from_json(cls, text: str) -> Tally:
        """Make it of what `to_json` has written."""
        counts = json.loads(text)
        return cls(**{**counts, "kills": Counter(counts["kills"]), "moments": Counter(counts["moments"])})

    def to_json(self) -> str:
        """Write it as a text, to go with the report of a test."""
        return json.dumps(vars(self))

    def add(self, other: Tally) -> None:
        """Add what somebody else counted."""
        self.runs += other.runs
        self.sessions += other.sessions
        self.unharmed += other.unharmed
        self.kills += other.kills
        self.moments += other.moments
        self.differences += other.differences

    def __str__(self) -> str:
        kills = ", ".join(f"{n} {role}s" for role, n in sorted(self.kills.items()))
        moments = ", ".join(f"{n} {name}" for name, n in sorted(self.moments.items()))
        return (
            f"{self.runs} runs were killed and completed, in {self.sessions} sessions "
            f"({self.unharmed} more were done before anything was killed), {self.kills.total()} kills "
            f"({kills}; {moments}), {self.differences} differences"
        )


def play(seed: int, survey: Survey, reference: Reference, folder: Path) -> tuple[list[str], Tally]:
    """Run the graph, with everything that a seed stands for; once more if it was done before anything was killed.

    Returns
    -------
    faults
        What is not as after a run that nobody disturbed.
    tally
        What was done.
    """
    tally = Tally()
    rng = random.Random(seed)
    for attempt in range(_MOST_ATTEMPTS):
        kills = tally.kills.total()
        story: list[str] = []
        with open_scene(survey, folder / str(attempt), f"seed-{seed}", reference) as scene:
            try:
                faults = list(_play(scene, reference, rng, tally, story)) or list(scene.faults())
            except JupyterMpexecError as error:
                faults = [f"{type(error).__name__}: {error}"]
            if faults:
                tally.runs += 1
                tally.differences += len(faults)
                return [f"seed {seed}: {'; '.join(story)}", *faults, scene.describe()], tally
        if tally.kills.total() > kills:
            tally.runs += 1
            return [], tally
        tally.unharmed += 1
    return [f"seed {seed}: nothing was killed in {_MOST_ATTEMPTS} runs"], tally


def _play(
    scene: Scene, reference: Reference, rng: random.Random, tally: Tally, story: list[str]
) -> Iterator[str]:
    sight = Sight(scene.mark, scene.root, runs_folder())
    strikes = rng.randint(1, _MOST_STRIKES)
    while True:
        striker = None
        if strikes:
            strikes -= 1
            # A session that goes on with a run has less to do.
            share = _SHARE_LEFT ** len(story)
            strike = draw_strike(
                rng,
                reference.seconds * share,
                round(reference.events * share),
                round(len(reference.outputs) * share),
            )
            striker = Striker(strike, sight, rng)
        try:
            run = scene.go_on() if scene.names else scene.begin()
            scene.wait(run)
        finally:
            hit = striker.call_off() if striker is not None else []
        tally.sessions += 1
        story.append(
            f"{strike if striker else 'in peace'} hit {[(p.role, p.pid) for p in hit]} -> {run.state}"
        )
        if hit:
            tally.kills.update(process.role for process in hit)
            tally.moments[type(strike.moment).__name__] += 1
        if run.state is RunState.SUCCEEDED:
            return
        if not hit:
            yield f"a session that nobody disturbed ended as {run.state}: {_reason(run)}"
            return


def _reason(run: Run) -> str:
    failures = [f"{record.name}: {record.failure.message}" for record in run.failures if record.failure]
    return "; ".join([str(run.error), *failures])

"""Diagrams and reports to draw."""

from __future__ import annotations

import random

from jupyter_mpexec.diagram import Cluster, Diagram, Edge, Node
from jupyter_mpexec.events import (
    Event,
    QuantumBlocked,
    QuantumFailed,
    QuantumFinished,
    QuantumSkipped,
    QuantumStarted,
    RunFinished,
    RunStarted,
)
from jupyter_mpexec.report import RunReport
from jupyter_mpexec.status import QuantumStatus, RunState

HOSTILE = "<script>alert(\"x\")</script> & 'quote' \\N ]]> \x00\x1b[31m Müller ☃ 星系"


def pipeline() -> Diagram:
    """Make two tasks in two subsets, with a prerequisite and an init-output."""
    return Diagram(
        title="Pipeline of 2 tasks",
        description="Tasks: isr, calibrate.",
        nodes=(
            Node(id="raw", label="raw", kind="dataset_type", lines=("{exposure, detector}", "Exposure")),
            Node(id="bias", label="bias", kind="dataset_type", lines=("{detector}", "ExposureF")),
            Node(id="isr", label="isr", kind="task", details=(("class", "lsst.ip.isr.IsrTask"),)),
            Node(id="post", label="postISRCCD", kind="dataset_type", lines=("{exposure, detector}",)),
            Node(id="calibrate", label="calibrate", kind="task"),
            Node(id="schema", label="src_schema", kind="dataset_type", init=True),
            Node(id="src", label="src", kind="dataset_type"),
        ),
        edges=(
            Edge(source="raw", target="isr"),
            Edge(source="bias", target="isr", prerequisite=True),
            Edge(source="isr", target="post"),
            Edge(source="post", target="calibrate"),
            Edge(source="calibrate", target="schema"),
            Edge(source="calibrate", target="src"),
        ),
        clusters=(
            Cluster(label="step1", nodes=("isr",), description="Instrument signature"),
            Cluster(label="step2", nodes=("calibrate", "isr")),
        ),
        notes=("Logs are not shown.",),
    )


def collapsed() -> Diagram:
    """Make three tasks with counts by state, and labelled arrows."""
    s = QuantumStatus
    return Diagram(
        title="Quantum graph",
        nodes=(
            Node(id="isr", label="isr", kind="task", counts={s.SUCCEEDED: 12000, s.NO_WORK: 3}),
            Node(
                id="calibrate",
                label="calibrate",
                kind="task",
                counts={s.SUCCEEDED: 9, s.FAILED: 2, s.BLOCKED: 1, s.RUNNING: 1, s.PENDING: 7},
            ),
            Node(id="coadd", label="coadd", kind="task", counts={s.PENDING: 1}),
        ),
        edges=(
            Edge(source="isr", target="calibrate", label="postISRCCD"),
            Edge(source="calibrate", target="coadd", label="calexp"),
            Edge(source="isr", target="coadd", label="2 dataset types", prerequisite=True),
        ),
    )


def hostile() -> Diagram:
    """Make a diagram whose every text tries to be markup."""
    return Diagram(
        title=HOSTILE,
        description=HOSTILE,
        nodes=(
            Node(
                id=HOSTILE,
                label=HOSTILE,
                kind="task",
                lines=(HOSTILE,),
                details=((HOSTILE, HOSTILE),),
                status=QuantumStatus.FAILED,
            ),
            Node(id='"; n9 -> n9; "', label="x" * 3000, kind="dataset_type", lines=("y" * 3000,)),
            Node(id="c:d", label="", kind="dataset"),
        ),
        edges=(
            Edge(source=HOSTILE, target="c:d", label=HOSTILE),
            Edge(source='"; n9 -> n9; "', target=HOSTILE),
            Edge(source="nobody", target="c:d"),
        ),
        clusters=(Cluster(label=HOSTILE, nodes=(HOSTILE, "nobody"), description=HOSTILE),),
        notes=(HOSTILE,),
    )


def random_diagram(seed: int, size: int = 40, *, clusters: bool = True, labels: bool = True) -> Diagram:
    """Make a random DAG with boxes of many sizes, clusters, prerequisites and labels."""
    rng = random.Random(seed)
    nodes = tuple(
        Node(
            id=f"v{i}",
            label="n" * rng.randint(1, 30),
            kind=rng.choice(("task", "dataset_type", "quantum")),
            lines=tuple("line" * rng.randint(1, 5) for _ in range(rng.randint(0, 3))),
        )
        for i in range(size)
    )
    edges = tuple(
        Edge(
            source=f"v{rng.randrange(max(0, i - 15), i)}",
            target=f"v{i}",
            prerequisite=rng.random() < 0.2,
            label="label" if labels and rng.random() < 0.2 else "",
        )
        for i in range(1, size)
        for _ in range(rng.choice((0, 1, 1, 2, 3)))
    )
    members = [[f"v{i}" for i in range(size) if i * 3 // size == c and rng.random() < 0.7] for c in range(3)]
    rng.shuffle(members)
    scattered = tuple(f"v{i}" for i in range(size) if rng.random() < 0.2)
    frames = [Cluster(label=f"step{i}", nodes=tuple(ids)) for i, ids in enumerate(members)]
    frames.append(Cluster(label="a rather long name of a subset", nodes=scattered))
    return Diagram(
        title=f"Random {seed}", nodes=nodes, edges=edges, clusters=tuple(frames) if clusters else ()
    )


def run_report(quanta: int = 10, failures: int = 2, *, text: str = "Only 3 stars") -> RunReport:
    """Make the report of a run of two tasks, the second of which fails sometimes."""
    time = 1_700_000_000.0
    events: list[Event] = [
        RunStarted(
            time=time,
            run_id="run-1",
            output_run="u/ada/run",
            output="u/ada",
            repository="/repo",
            quanta={"isr": quanta, "calibrate": quanta},
            command=("pipetask", "run", "-d", "visit IN (1, 2) AND band='i'"),
            versions={"python": "3.11.7", "lsst-pipe-base": "30.2026.500"},
        )
    ]
    for i in range(quanta):
        who = {"quantum_id": f"isr-{i}", "task_label": "isr", "data_id": {"detector": i}}
        time += 1
        if i == quanta - 1:
            events.append(QuantumSkipped(time=time, **who))
            continue
        events.append(QuantumStarted(time=time, worker="w1", **who))
        events.append(QuantumFinished(time=time, duration=1.0 + i % 3, peak_memory=300_000_000, **who))
    for i in range(quanta):
        who = {"quantum_id": f"cal-{i}", "task_label": "calibrate", "data_id": {"detector": i}}
        time += 1
        if i < failures:
            events.append(
                QuantumFailed(
                    time=time,
                    duration=2.0,
                    exception="builtins.ValueError",
                    message=f"{text} {i}",
                    traceback=f"Traceback (most recent call last):\nValueError: {text} {i}\n",
                    log=f"WARNING: {text}",
                    exit_code=-9 if i == 1 else None,
                    **who,
                )
            )
        elif i < failures + 2 and failures:
            events.append(QuantumBlocked(time=time, blocked_by="cal-0", **who))
        else:
            events.append(QuantumFinished(time=time, duration=70.0, no_work=i % 4 == 3, **who))
    state = RunState.FAILED if failures else RunState.SUCCEEDED
    events.append(RunFinished(time=time, state=state, error=f"{failures} failed." if failures else ""))
    return RunReport.from_events(events)

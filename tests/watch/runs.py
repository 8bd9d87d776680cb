"""Made-up graphs and events, as large as one likes."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from jupyter_mpexec.events import Event, QuantumFinished, QuantumStarted, RunFinished, RunStarted
from jupyter_mpexec.status import RunState
from jupyter_mpexec.watch.catalogue import QuantumCatalogue


@functools.cache
def survey(visits: int, detectors: int) -> QuantumCatalogue:
    """``isr`` and ``detect`` by visit and detector, ``collect`` by visit, and one ``report``."""
    both = [(v, d) for v in range(visits) for d in range(detectors)]
    links = [(f"isr-{v}-{d}", f"detect-{v}-{d}") for v, d in both]
    links += [(f"detect-{v}-{d}", f"collect-{v}") for v, d in both]
    links += [(f"collect-{v}", "report") for v in range(visits)]
    return QuantumCatalogue(
        {
            "isr": ("instrument", "visit", "detector"),
            "detect": ("instrument", "visit", "detector"),
            "collect": ("instrument", "visit"),
            "report": ("instrument",),
        },
        {
            "isr": [(f"isr-{v}-{d}", ("Cam", v, d)) for v, d in both],
            "detect": [(f"detect-{v}-{d}", ("Cam", v, d)) for v, d in both],
            "collect": [(f"collect-{v}", ("Cam", v)) for v in range(visits)],
            "report": [("report", ("Cam",))],
        },
        links,
    )


def started(catalogue: QuantumCatalogue, time: float = 0.0) -> RunStarted:
    quanta = {task.label: len(task.positions) for task in catalogue.tasks}
    return RunStarted(time=time, run_id="r", output_run="u/r", quanta=quanta)


def about(catalogue: QuantumCatalogue, quantum_id: str) -> dict[str, object]:
    position = catalogue.positions[quantum_id]
    return {
        "quantum_id": quantum_id,
        "task_label": catalogue.task(position).label,
        "data_id": catalogue.data_id(position),
    }


def whole_run(catalogue: QuantumCatalogue, *, workers: int = 2, seconds: float = 1.0) -> Iterator[Event]:
    """All quanta in order, each as long as the others, dealt out to workers in turns."""
    yield started(catalogue)
    time = 0.0
    for first in range(0, len(catalogue), workers):
        batch = catalogue.ids[first : first + workers]
        for number, quantum_id in enumerate(batch):
            yield QuantumStarted(time=time, worker=f"worker-{number}", **about(catalogue, quantum_id))
        time += seconds
        for quantum_id in batch:
            yield QuantumFinished(
                time=time, duration=seconds, peak_memory=100, **about(catalogue, quantum_id)
            )
    yield RunFinished(time=time, state=RunState.SUCCEEDED)

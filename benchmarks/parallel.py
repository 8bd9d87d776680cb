"""Worker processes beside upstream's ``pipetask run -j``: trivial quanta, busy quanta, and how it scales.

Run it with ``python benchmarks/parallel.py [--processes N] [--part NAME …]``. Every figure comes from processes of its
own, ours and theirs run the same graphs with the same options, one right after the other, with bytecode compiled for
both.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
PARTS = ("start", "trivial", "waiting", "busy", "scaling")

OURS = """
import json, logging, os, resource, sys, time
began = time.time()
from jupyter_mpexec import GraphBuilder, PipelineBuilder
from jupyter_mpexec.events import QuantumEnded, QuantumStarted, RunStarted
repository, pipeline, output, processes, start_method, field, seconds = sys.argv[1:]
builder = PipelineBuilder(pipeline)
if field:
    for label in ("detect", "measure"):
        builder.config(label, field, float(seconds))
built = GraphBuilder(builder, repository, input="SmallCam/defaults", output=output).build()
memory_before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
started = time.time()
times = []
runner = {}
def note(event):
    if isinstance(event, RunStarted):
        runner["pid"] = event.pid
    if isinstance(event, (QuantumStarted, QuantumEnded)):
        times.append((event.kind, event.time))
        if len(times) % 20 == 1:
            memory = memory_of(runner["pid"])
            runner.setdefault("before", memory)
            runner["after"] = memory
def memory_of(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
run = built.run(
    register_dataset_types=True, processes=int(processes), start_method=start_method or None, hooks=[note])
run.check()
first = min(t for kind, t in times if kind == "QuantumStarted")
ends = sorted(t for kind, t in times if kind == "QuantumFinished")
print(json.dumps({
    "runner_before": runner["before"], "runner": runner["after"],
    "quanta": len(ends), "build": started - began, "first": first - started, "quanta_time": ends[-1] - first,
    "halves": [ends[len(ends) // 2] - first, ends[-1] - ends[len(ends) // 2]], "run": time.time() - started,
    "ingested": sum(r.ingested for r in run.report.quanta.values()), "memory_before": memory_before,
    "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def main() -> None:
    """Run the parts and print their figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--part", action="append", choices=PARTS, help="run only this (may be repeated)")
    parser.add_argument("--start-method", default="", choices=("", "spawn", "forkserver"))
    parser.add_argument(
        "--sizes", type=int, nargs="*", default=[100, 1000, 10000], help="numbers of quanta for scaling"
    )
    arguments = parser.parse_args()
    parts = arguments.part or PARTS
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {arguments.processes} processes")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), arguments.processes, arguments.start_method)
        for part in PARTS:
            if part in parts:
                getattr(bench, part)(*([arguments.sizes] if part == "scaling" else []))


class Bench:
    """All parts, in a folder of their own."""

    def __init__(self, folder: Path, processes: int, start_method: str) -> None:
        self._folder = folder
        self._processes = processes
        self._start_method = start_method
        self._script = folder / "ours.py"
        self._script.write_text(OURS)
        self._environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def start(self) -> None:
        """Time until the first quantum runs, against one import."""
        one_import = min(self._time([sys.executable, "-c", "import lsst.pipe.base"]) for _ in range(3))
        first = min(self._ours(16, f"u/start{n}", processes=self._processes)["first"] for n in range(2))
        print(f"start: first quantum runs {first:.2f} s after run(), {first / one_import:.2f} x the time of")
        print(f"  python -c 'import lsst.pipe.base' ({one_import:.2f} s; goal: at most 1.5 x)")

    def trivial(self) -> None:
        """Quanta that do next to nothing."""
        wall = {}
        for name, function in (("theirs", self._pipetask), ("ours", self._command)):
            begin = time.perf_counter()
            function(50, f"u/{name}")
            wall[name] = time.perf_counter() - begin
        theirs, quanta = wall["theirs"], 46
        # More of them: ours are over before workers are warm.
        ours = self._ours(200, "u/detail", processes=self._processes)
        # Start-up of theirs: what a run of init-outputs alone takes.
        begin = time.perf_counter()
        self._pipetask(50, "u/init", "--init-only")
        startup = time.perf_counter() - begin
        per_theirs = (theirs - startup) / quanta
        per_ours = ours["quanta_time"] / ours["quanta"]
        print(f"trivial quanta ({quanta} and {ours['quanta']}), after start-up, wall time per quantum:")
        print(
            f"  pipetask -j {self._processes}: {per_theirs * 1e3:7.1f} ms; ours: {per_ours * 1e3:7.1f} ms; "
            f"ratio {per_theirs / per_ours:.0f} (goal: at least 50)"
        )
        print(
            f"  whole command: {theirs:.1f} s and {wall['ours']:.1f} s; ratio {theirs / wall['ours']:.1f} (goal: 10)"
        )

    def waiting(self) -> None:
        """Quanta that sleep for half a second: what the pool adds, whatever else the machine has to do."""
        self._efficiency("waiting", "sleep", self._processes)

    def busy(self) -> None:
        """Quanta that keep a core busy for half a second; says something on a quiet machine only."""
        self._efficiency("busy", "busy", min(self._processes, os.cpu_count() or 1))

    def _efficiency(self, name: str, field: str, at_once: int) -> None:
        found = self._ours(100, f"u/{name}", processes=self._processes, field=field, seconds=0.5)
        # Of the 9 quanta of each visit, 8.
        long = (found["quanta"] - 1) // 9 * 8
        ideal = long * 0.5 / at_once
        print(
            f"{name} quanta ({long} of 0.5 s): {found['quanta_time']:.2f} s in {self._processes} processes; ideal "
            f"{ideal:.2f} s, efficiency {ideal / found['quanta_time']:.0%} (goal: 90 %)"
        )

    def scaling(self, sizes: list[int]) -> None:
        """Time and memory against the number of quanta."""
        print("scaling: memory is what the runner, and the process that watches it, gained during the run")
        print(
            "          quanta   ms/quantum   1st half   2nd half   kB/quantum of runner   kB/quantum of watcher"
        )
        for size in sizes:
            found = self._ours(size, f"u/scale{size}", processes=self._processes)
            n, halves = found["quanta"], found["halves"]
            print(
                f"        {n:8d} {found['quanta_time'] / n * 1e3:12.1f} "
                f"{halves[0] / n * 2e3:10.1f} {halves[1] / n * 2e3:10.1f} "
                f"{(found['runner'] - found['runner_before']) * 1024 / n:22.1f} "
                f"{(found['memory'] - found['memory_before']) * 1024 / n:23.1f}"
            )
            assert found["ingested"] == n, "All quanta must be in the registry."

    def _repository(self, quanta: int) -> Path:
        from tests.support.repository import make_repository

        root = self._folder / f"repository{quanta}"
        if not root.exists():
            # 4 detectors: 9 quanta a visit, and one for all.
            visits = max(1, round((quanta - 1) / 9))
            make_repository(root, visits=range(1, visits + 1), detectors=range(4))
        return root

    def _ours(
        self, quanta: int, output: str, *, processes: int, field: str = "", seconds: float = 0.0
    ) -> dict[str, Any]:
        from tests.support.repository import PIPELINE

        words = [self._repository(quanta), PIPELINE, output, processes, self._start_method, field, seconds]
        done = self._run([sys.executable, str(self._script), *map(str, words)])
        found: dict[str, Any] = json.loads(done.splitlines()[-1])
        return found

    def _command(self, quanta: int, output: str) -> None:
        self._run([sys.executable, "-m", "jupyter_mpexec", *self._words(quanta, output)])

    def _pipetask(self, quanta: int, output: str, *more: str) -> None:
        program = Path(sys.executable).with_name("pipetask")
        self._run([sys.executable, str(program), *self._words(quanta, output), *more])

    def _words(self, quanta: int, output: str) -> list[str]:
        from tests.support.repository import INPUTS, PIPELINE

        words = ["run", "--register-dataset-types", "-b", self._repository(quanta), "-p", PIPELINE]
        return list(map(str, [*words, "-i", INPUTS, "-o", output, "-j", self._processes]))

    def _time(self, command: list[str]) -> float:
        begin = time.perf_counter()
        self._run(command)
        return time.perf_counter() - begin

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout


if __name__ == "__main__":
    main()

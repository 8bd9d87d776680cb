"""What we add to each quantum, beside upstream's own in-process executor; import time; size and time of displays.

Run it with ``make bench``, or ``python benchmarks/overhead.py [--quanta N] [--repeat N]``. Both executors run the same
graph of trivial quanta, one after the other, in this one process, on repositories of their own. The outputs are
compared, and the ratio of the times per quantum is printed; the smaller, the better.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))


def main() -> None:
    """Run all parts and print their figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quanta", type=int, default=500, help="number of quanta, at least")
    parser.add_argument("--repeat", type=int, default=3, help="how often each executor runs the graph")
    parser.add_argument("--big", type=int, default=100_000, help="quanta of the graph that is displayed")
    arguments = parser.parse_args()
    logging.getLogger().setLevel(logging.CRITICAL)
    _import_time()
    _per_quantum(arguments.quanta, arguments.repeat)
    _display(arguments.big)


def _import_time() -> None:
    bare = "from IPython.core.interactiveshell import InteractiveShell as S; s = S.instance()"
    load = f"{bare}; import time; t = time.perf_counter(); s.run_line_magic('load_ext', 'jupyter_mpexec'); "
    load += "print(time.perf_counter() - t)"
    command = [sys.executable, "-c", load]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # warms bytecode and disk
    times = [
        float(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout) for _ in range(5)
    ]
    print(
        f"%load_ext jupyter_mpexec: {statistics.median(times):.3f} s over a bare IPython (goal: at most 0.15 s)"
    )


def _per_quantum(quanta: int, repeat: int) -> None:
    from tests.support.repository import make_repository

    visits = max(1, -(-(quanta - 1) // 9))
    times: dict[str, list[float]] = {"theirs": [], "ours": []}
    outputs: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in times:
            make_repository(Path(folder) / name, visits=range(1, visits + 1), detectors=range(4))
        for attempt in range(repeat):
            for name, executor in (("theirs", _theirs), ("ours", _ours)):
                number, seconds, outputs[name] = _time(Path(folder) / name, f"u/{attempt}", executor)
                times[name].append(seconds / number)
    assert outputs["ours"] == outputs["theirs"], "The outputs differ."
    best = {name: min(values) * 1e3 for name, values in times.items()}
    print(
        f"{number} trivial quanta, best of {repeat}, outputs identical ({sum(outputs['ours'].values())} datasets):"
    )
    print(f"  upstream, in-process: {best['theirs']:6.1f} ms a quantum")
    print(f"  jupyter_mpexec:       {best['ours']:6.1f} ms a quantum")
    print(f"  ratio ours/theirs:    {best['ours'] / best['theirs']:6.2f}  (goal: at most 0.25)")


def _time(repository: Path, run: str, make_executor: Callable[[Any], Any]) -> tuple[int, float, Any]:
    from lsst.daf.butler import Butler
    from lsst.pipe.base import Pipeline
    from lsst.pipe.base.separable_pipeline_executor import SeparablePipelineExecutor

    from tests.support.repository import INPUTS, PIPELINE

    with Butler.from_config(str(repository), writeable=True, collections=[INPUTS], run=run) as butler:
        separable = SeparablePipelineExecutor(butler)
        graph = separable.build_quantum_graph(Pipeline.from_uri(str(PIPELINE)))
        separable.pre_execute_qgraph(graph, register_dataset_types=True)
        executor = make_executor(separable._butler)
        start = time.perf_counter()
        separable.run_pipeline(graph, graph_executor=executor)
        seconds = time.perf_counter() - start
        refs = list(butler.registry.queryDatasets(..., collections=run))
        stored = butler.stored_many(refs)
        return len(graph), seconds, Counter((r.datasetType.name, str(r.dataId), stored[r]) for r in refs)


def _theirs(butler: Any) -> Any:
    from lsst.pipe.base.mp_graph_executor import MPGraphExecutor
    from lsst.pipe.base.single_quantum_executor import SingleQuantumExecutor

    return MPGraphExecutor(num_proc=1, timeout=3600.0, quantum_executor=SingleQuantumExecutor(butler=butler))


def _ours(butler: Any) -> Any:
    from jupyter_mpexec import QuantumGraphExecutor, SingleQuantumExecutor

    # As `pipetask run` does for a new run: nothing can be there.
    single = SingleQuantumExecutor(butler=butler, assume_no_existing_outputs=True)
    return QuantumGraphExecutor(quantum_executor=single)


def _display(quanta: int) -> None:
    from jupyter_mpexec.execution.views import bundle_for
    from tests.execution.views.graphs import make_thin_components

    # As a thin read of a file would give it: visits * (2 * detectors + 1) quanta.
    graph = make_thin_components(visits=-(-quanta // 201), detectors=100).assemble()
    start = time.perf_counter()
    bundle = bundle_for(graph)
    seconds = time.perf_counter() - start
    # As a notebook file has it, where a graph is data.
    size = sum(len(json.dumps(form).encode()) for form in bundle.values())
    print(
        f"display of a graph of {len(graph):,} quanta: {seconds:.2f} s, {size / 1e3:.0f} kB (goal: 1 s, 200 kB)"
    )


if __name__ == "__main__":
    main()

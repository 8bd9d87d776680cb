"""What a debug session costs the code that runs in it, beside the same code without one; and what failures cost.

Run it with ``make bench``, or ``python benchmarks/debugger.py [--repeat N]``, with each supported Python. First, quanta
of the demo survey: reruns of the same open quantum, in a session and without one. Then functions that are the worst
that can be for a debugger. The ways take turns, and the ratio of the shortest times is printed: 1.00 is no cost. The
goal from Python 3.12 on is at most 1.05 for code that has no breakpoint. Between the two, a quantum that fails, with
and without a capsule of the failure.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import debugged_quanta  # noqa: E402  # the path first
from jupyter_mpexec.debug import DebugSession  # noqa: E402  # the same


def _loop(count: int = 600_000) -> int:
    total = 0
    for number in range(count):
        total += number & 7
    return total


def _calls(count: int = 120_000) -> int:
    return sum(_add(number, 1) for number in range(count))


def _add(one: int, other: int) -> int:
    return one + other


def _library(count: int = 800) -> int:
    record = {"visit": 903334, "values": list(range(40))}
    return sum(len(json.loads(json.dumps(record, indent=1))) for _ in range(count))


def _native(count: int = 60) -> str:
    digest = hashlib.sha256()
    for _ in range(count):
        digest.update(bytes(300_000))
    return digest.hexdigest()


WORK: dict[str, Callable[[], object]] = {
    "a tight loop": _loop,
    "many small calls": _calls,
    "library code that is passed over": _library,
    "native code": _native,
}


def main() -> None:
    """Run all and print the ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=9, help="how often each is timed")
    repeat = parser.parse_args().repeat
    logging.getLogger().setLevel(logging.CRITICAL)
    print(f"Python {sys.version.split()[0]}: time in a session, to that without one")
    _quanta(repeat)
    print("functions, by the clock:")
    for name, work in WORK.items():
        ratios = [f"{_ratio(work, repeat, breakpoint=with_one):.2f}" for with_one in (False, True)]
        print(f"  {name:34} {ratios[0]} with no breakpoint, {ratios[1]} with one elsewhere")


def _quanta(repeat: int) -> None:
    print("quanta of the demo survey, by the clock and by processor time:")
    starts: list[float] = []
    with debugged_quanta.opened_quanta() as opened:
        for quantum in opened:
            milliseconds = quantum.rerun().duration * 1e3
            # Short ones more often: there, single disturbances weigh more.
            often = max(repeat, min(10 * repeat, int(repeat * 500 / milliseconds)))
            times, start, alone = debugged_quanta.task_times(quantum, often, _never)
            starts.append(start - alone)
            none, elsewhere = (times[way].to(times["alone"]) for way in ("session", "breakpoint"))
            print(
                f"  {quantum.task_label:18} {min(times['alone'].wall) * 1e3:7.1f} ms   "
                f"{none[0]:.3f} {none[1]:.3f} with no breakpoint, "
                f"{elsewhere[0]:.3f} {elsewhere[1]:.3f} with one elsewhere"
            )
        print(
            f"  to begin a session takes {min(starts) * 1e3:.1f} to {max(starts) * 1e3:.1f} ms more than a rerun"
        )
        calibrate = next(q for q in opened if q.task_label == "calibrate")
        plain, captured, size = debugged_quanta.failure_times(calibrate, repeat, min_matches=10_000)
        ratio, processor = captured.to(plain)
        more = (min(captured.wall) - min(plain.wall)) * 1e3
        print(
            f"  a failure of calibrate: {min(plain.wall) * 1e3:.1f} ms, and with its capsule "
            f"(written, {size / 1e3:.0f} kB) {more:.1f} ms more: {ratio:.3f} {processor:.3f}"
        )


def _ratio(work: Callable[[], object], repeat: int, *, breakpoint: bool) -> float:  # noqa: A002  # the field's word
    alone, debugged = [], []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        alone.append(time.perf_counter() - start)
        debugged.append(_debugged(work, breakpoint))
    return min(debugged) / min(alone)


def _debugged(work: Callable[[], object], with_breakpoint: bool) -> float:
    seconds = 0.0

    def call() -> None:
        nonlocal seconds
        # Once before, so that what is told once for each function has been told.
        work()
        start = time.perf_counter()
        work()
        seconds = time.perf_counter() - start

    session = DebugSession(call, name="benchmark", modules=[__name__])
    if with_breakpoint:
        session.breakpoints.add(_never)
    session.start()
    session.wait()
    session.result()
    return seconds


def _never() -> None:
    """Have a breakpoint that is never reached."""


if __name__ == "__main__":
    main()

"""What a debug session costs the code that runs in it, beside the same code without one.

Run it with ``make bench``, or ``python benchmarks/debugger.py [--repeat N]``, with each supported Python. Both ways
take turns, and the ratio of the shortest times is printed: 1.00 is no cost. The goal from Python 3.12 on is at most
1.05 for code that has no breakpoint.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from jupyter_mpexec.debug import DebugSession  # noqa: E402  # the path first


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
    print(f"Python {sys.version.split()[0]}: time in a session, to that without one")
    for name, work in WORK.items():
        ratios = [f"{_ratio(work, repeat, breakpoint=with_one):.2f}" for with_one in (False, True)]
        print(f"  {name:34} {ratios[0]} with no breakpoint, {ratios[1]} with one elsewhere")


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

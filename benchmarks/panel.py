"""What a run panel costs: messages and bytes a second to the front end, and how quick the kernel answers beside it.

Run it with ``python benchmarks/panel.py [--quanta N]``. A real kernel runs a graph of N quanta whose tasks are not
executed (`FakeModel`), with a panel; meanwhile this process executes ``1 + 1`` there again and again, as readers do,
and reads what the kernel sends.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]

RUN = """
import logging, sys, time
sys.path.insert(0, {root!r})
from jupyter_mpexec import FakeModel, GraphBuilder
from jupyter_mpexec.widgets.run_panel import RunPanel
from tests.support.repository import INPUTS, PIPELINE, make_repository
make_repository({folder!r}, visits=range(1, {visits} + 1), detectors=range(4))
graph = GraphBuilder(PIPELINE, {folder!r}, input=INPUTS, output="u/panel").build()
panel = RunPanel()
model = lambda *_, **__: FakeModel(on_start=lambda _: time.sleep({pause}))
run = graph.run(register_dataset_types=True, background=True, hooks=[panel], model=model)
for view in (panel._graph.graph, panel._graph.grid.view, panel._timeline.view, panel._table.rows):
    view._hear(view, {{"kind": "hello"}}, [])
"""


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quanta", type=int, default=10_000)
    parser.add_argument("--pause", type=float, default=0.002, help="seconds that a quantum pretends to take")
    parser.add_argument("--tab", type=int, default=0, help="0 graph, 1 timeline, 2 quanta")
    arguments = parser.parse_args()
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3")
    try:
        with tempfile.TemporaryDirectory() as folder:
            _measure(client, Path(folder) / "repo", arguments)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _measure(client: Any, folder: Path, arguments: argparse.Namespace) -> None:
    visits = max(1, -(-(arguments.quanta - 1) // 9))
    code = RUN.format(root=str(ROOT), folder=str(folder), visits=visits, pause=arguments.pause)
    _execute(client, code)
    _execute(client, f"panel._tabs.selected_index = {arguments.tab}")
    waits: list[float] = []
    messages = bytes_ = 0
    start = time.perf_counter()
    is_over = False
    while not is_over:
        begin = time.perf_counter()
        text, more, size = _execute(client, "print(1 + 1, run.state.is_final)")
        waits.append(time.perf_counter() - begin)
        messages, bytes_ = messages + more, bytes_ + size
        is_over = "True" in text
        time.sleep(0.2)
    seconds = time.perf_counter() - start
    text, _, _ = _execute(client, "print(run.report.ended, run.report.total)")
    waits.sort()
    print(f"quanta (ended, total): {text.strip()} in {seconds:.1f} s")
    print(f"messages to widgets: {messages / seconds:.1f} a second, {bytes_ / seconds / 1e3:.1f} kB a second")
    print(
        f"1 + 1, {len(waits)} times: median {statistics.median(waits) * 1e3:.0f} ms, "
        f"95 % {waits[int(0.95 * len(waits))] * 1e3:.0f} ms, worst {waits[-1] * 1e3:.0f} ms  (goal: 300 ms)"
    )


def _execute(client: Any, code: str) -> tuple[str, int, int]:
    """Execute a cell; returns what it printed, and number and size of messages to widgets that came meanwhile."""
    message_id = client.execute(code)
    text, messages, size = "", 0, 0
    while True:
        message = client.get_iopub_msg(timeout=600)
        kind, content = message["msg_type"], message["content"]
        if kind == "comm_msg":
            messages += 1
            size += len(str(content)) + sum(len(buffer) for buffer in message.get("buffers", ()))
        if message["parent_header"].get("msg_id") != message_id:
            continue
        if kind == "stream":
            text += content["text"]
        elif kind == "error":
            sys.exit("\n".join(content["traceback"]))
        elif kind == "status" and content["execution_state"] == "idle":
            return text, messages, size


if __name__ == "__main__":
    main()

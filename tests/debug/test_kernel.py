"""A paused session in a real Jupyter kernel: cells run, the interrupt button works, another debugger is noticed."""

from __future__ import annotations

import gc
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

jupyter_client = pytest.importorskip("jupyter_client")
pytest.importorskip("ipykernel")
pytestmark = pytest.mark.filterwarnings("ignore")  # of the Jupyter client, which are not ours

BEGIN = """
import sys
sys.path.insert(0, {root!r})
%load_ext jupyter_mpexec
from jupyter_mpexec.debug import DebugSession
def science(values):
    scale = 2
    scaled = [scale * value for value in values]
    return sum(scaled)
session = DebugSession(lambda: science([1, 2, 3]), name="cell")
session.breakpoints.add(science, line="scaled =")
session.start()
session.wait(60)
"""


class Kernel:
    """A kernel, and what its cells give."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def run(self, code: str) -> str:
        """Run a cell; return its value as text, or the name of its error."""
        found: list[str] = []

        def take(message: dict[str, Any]) -> None:
            content = message["content"]
            if message["msg_type"] == "execute_result":
                found.append(content["data"]["text/plain"])
            elif message["msg_type"] == "error":
                found.append(content["ename"])

        self.client.execute_interactive(textwrap.dedent(code), timeout=60, output_hook=take)
        return found[-1] if found else ""


@pytest.fixture
def manager() -> Iterator[Any]:
    manager, client = jupyter_client.manager.start_new_kernel(kernel_name="python3")
    manager.test_client = client
    yield manager
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.context.destroy()
    del client, manager.test_client
    gc.collect()  # what the client has left open is to be found here, where nobody minds


@pytest.fixture
def kernel(manager: Any) -> Kernel:
    kernel = Kernel(manager.test_client)
    assert kernel.run("import sys; sys.executable").strip("'") == sys.executable
    assert kernel.run(BEGIN.format(root=str(Path(__file__).parents[2]))) == "True"
    return kernel


def test_cells_run_while_it_is_paused(kernel: Kernel) -> None:
    shown = kernel.run("session")
    assert "cell is paused" in shown
    assert "scaled = [scale * value for value in values]" in shown
    assert kernel.run("%%frame\nscale = 10\nscale * len(values)") == "30"
    assert "return sum(scaled)" in kernel.run("%debug_quantum step")
    assert kernel.run("%frame scaled") == "[10, 20, 30]"
    assert kernel.run("%debug_quantum continue\n") != ""
    assert kernel.run("session.result()") == "60"


def test_an_interrupt_leaves_the_pause_as_it_was(kernel: Kernel, manager: Any) -> None:
    kernel.run("import time")
    timer = threading.Timer(1.0, manager.interrupt_kernel)
    timer.start()
    assert kernel.run("%%frame\nimport time\nwhile True: time.sleep(0.01)") == "KeyboardInterrupt"
    timer.join()
    assert kernel.run("%frame scale") == "2"
    kernel.run("slow = DebugSession(lambda: time.sleep(3), name='slow', modules=('__main__',))\nslow.start()")
    timer = threading.Timer(1.0, manager.interrupt_kernel)
    timer.start()
    assert kernel.run("slow.wait()") == "KeyboardInterrupt"
    timer.join()
    assert kernel.run("str(session.state), session.abandon(), session.wait(60)") == "('paused', None, True)"


def test_a_function_that_a_cell_defines_anew(kernel: Kernel) -> None:
    kernel.run("""
        def science(values):
            total = 0
            for value in values:
                total += value
            return total
        session.breakpoints.clear()
        session.breakpoints.add(science, line="total +=", condition="value == 3")
        session.restart()
        session.wait(60)
    """)
    assert "total += value" in kernel.run("session.pause")
    assert kernel.run("%frame total") == "3"

"""The run panel: messages and bytes to the browser, how late the screen is, and whether the kernel stays usable.

Run it with ``make bench``, or ``python benchmarks/panel.py [--quanta N …] [--seconds S] [--rate R]``. Needs Chromium.
A real JupyterLab with a real kernel shows the panel in a headless browser, with the grid of a task open below the
graph. The run is synthetic (see ``synthetic_run.py``): its quanta cost nothing and end at a steady rate, higher than
that of any real run.

Messages are counted, and their bytes summed up, where the browser receives them. An event is on the screen when the
browser draws the first frame in which the number of quanta that have ended is as high as it was after the event: in
the line at the top, and on the cards of the graph. Kernel and browser share a clock.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

COUNTED = ("comm_open", "comm_msg", "comm_close", "display_data", "update_display_data")
"""Types of messages that a panel sends; what else there is on the wire belongs to the execution of cells."""

_MAKE = """\
from benchmarks.synthetic_run import SyntheticRun
run = SyntheticRun({size}, "{repository}")
run.graph.graph
run.begin()
print("is made")"""

_WATCH = """() => {
  const number = text => Number((/[\\d,]+/.exec(text ?? '') ?? ['0'])[0].replaceAll(',', ''));
  const read = {
    header: () => number(document.querySelector('.jmpx-panel .jmpx-top strong')?.textContent),
    // Until a task has begun, its card has the number of all its quanta, without "of".
    graph: () => [...document.querySelectorAll('.jmpx-panel .jmpv-progress')]
      .map(card => card.textContent.includes(' of ') ? number(card.textContent) : 0)
      .reduce((sum, n) => sum + n, 0),
  };
  window.seen = { header: [], graph: [] };
  const last = { header: -1, graph: -1 };
  const look = () => {
    const now = Date.now();
    for (const place of ['header', 'graph']) {
      const n = read[place]();
      if (n > last[place]) window.seen[place].push([now, last[place] = n]);
    }
    requestAnimationFrame(look);
  };
  look();
}"""

_ROUND_TRIPS = """async number => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const times = [];
  for (let n = 0; n < number; n += 1) {
    const begin = performance.now();
    await kernel.requestExecute({ code: '1+1', store_history: false }).done;
    times.push(performance.now() - begin);
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  return times;
}"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quanta", type=int, nargs="*", default=[100, 10_000, 100_000])
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each run takes")
    parser.add_argument("--rate", type=float, default=500.0, help="quanta that end in a second, at most")
    arguments = parser.parse_args()
    from tests.browser.jupyter_page import CHROMIUM

    if not Path(CHROMIUM).exists():
        print("run panel: not measured, since Chromium is not installed")
        return
    from playwright.sync_api import sync_playwright

    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        with closing(browser):
            bench = Bench(browser, arguments.seconds, arguments.rate)
            bench.traffic(arguments.quanta)
            bench.round_trip(10_000)
    print(f"load at the end: {os.getloadavg()[0]:.1f}")


class Bench:
    """All measurements; each has a server, a kernel and a page of its own."""

    def __init__(self, browser: Any, seconds: float, rate: float) -> None:
        self._browser = browser
        self._seconds = seconds
        self._rate = rate

    def traffic(self, sizes: Sequence[int]) -> None:
        """Messages, bytes and latency."""
        print(
            "run panel: what goes to the browser in a second (goal: at most 10 messages), and the time from an event"
        )
        print("           to the screen, median / 95 %, in ms")
        print(
            "             quanta  events  messages     kB       at the top     in the graph  panel is up after"
        )
        for size in sizes:
            with _shown(self._browser, size) as shown:
                shown.page.evaluate(_WATCH)
                rate = min(self._rate, size / self._seconds)
                shown.wire.clear()
                begin = time.monotonic()
                shown.notebook.execute(f"run.go({rate}, {self._seconds})")
                shown.page.wait_for_timeout(self._seconds * 1e3)
                seconds = time.monotonic() - begin
                sizes_of_messages = list(shown.wire)
                shown.page.wait_for_timeout(3000)
                ends, late = json.loads(
                    shown.notebook.execute("import json; print(json.dumps([run.ends, run.late]))")
                )
                seen = shown.page.evaluate("() => window.seen")
                print(
                    f"           {size:8,} {2 * rate:7.0f} {len(sizes_of_messages) / seconds:9.1f} "
                    f"{sum(sizes_of_messages) / seconds / 1e3:6.1f} "
                    f"{_spread(_latencies(ends, seen['header'])):>16} "
                    f"{_spread(_latencies(ends, seen['graph'])):>16} {shown.after:17.1f} s"
                    + (f"   (events came up to {late:.1f} s late)" if late > 0.5 else ""),
                    flush=True,
                )

    def round_trip(self, size: int) -> None:
        """Time that a cell with ``1+1`` takes, while the panel shows a run."""
        with _shown(self._browser, size) as shown:
            before = shown.page.evaluate(_ROUND_TRIPS, 20)
            shown.notebook.execute(f"run.go({self._rate}, {self._seconds})")
            during = shown.page.evaluate(_ROUND_TRIPS, int(self._seconds * 3))
        print(
            f"1+1 during a run of {size:,} quanta, median / 95 % / worst, ms: {_spread(during)} / {max(during):.0f} "
            f"(goal: 300); before it: {_spread(before)}"
        )


class Shown:
    """A panel on a page, with the grid of a task open; ``wire`` has the sizes of messages that come in."""

    def __init__(self, page: Any, notebook: Any) -> None:
        self.page = page
        self.notebook = notebook
        self.wire: list[int] = []
        page.on("websocket", lambda socket: socket.on("framereceived", self._take))
        notebook.open()
        notebook.run_cell(0)
        # In the output: the cell itself has these words, too.
        page.locator(".jp-OutputArea-output", has_text="is made").wait_for()
        begin = time.monotonic()
        notebook.run_cell(1)
        card = page.locator(".jmpv-svg [data-id='task:isr']").first
        card.wait_for()
        page.locator(".jmpx-panel .jmpx-top strong", has_text="0 of ").wait_for()
        self.after = time.monotonic() - begin
        card.click()
        page.locator(".jmpx-panel canvas").first.wait_for()
        page.wait_for_timeout(2000)

    def _take(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes) and _message_type(frame) in COUNTED:
            self.wire.append(len(frame))


@contextmanager
def _shown(browser: Any, size: int) -> Iterator[Shown]:
    from lsst.daf.butler import Butler

    from tests.browser.jupyter_page import NotebookPage, server, write_notebook

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        Butler.makeRepo(str(folder / "repository"))
        write_notebook(
            folder / "run.ipynb", [_MAKE.format(size=size, repository=folder / "repository"), "run.panel()"]
        )
        with (
            server(folder) as host,
            closing(browser.new_context(viewport={"width": 1300, "height": 1400})) as context,
        ):
            page = context.new_page()
            page.set_default_timeout(180_000)
            yield Shown(page, NotebookPage(page, host, folder / "run.ipynb", folder))


def _message_type(frame: bytes) -> str:
    # Jupyter's protocol v1.kernel.websocket: the number of parts, where each begins, then channel, header, and so on.
    number = int.from_bytes(frame[:8], "little")
    places = [int.from_bytes(frame[8 * n : 8 * n + 8], "little") for n in range(1, number + 1)]
    return str(json.loads(frame[places[1] : places[2]])["msg_type"])


def _latencies(ends: Sequence[float], seen: Sequence[tuple[float, int]]) -> list[float]:
    """For each event, milliseconds until a number was seen that counts it."""
    numbers = [number for _, number in seen]
    places = (bisect_left(numbers, count) for count in range(1, len(ends) + 1))
    return [seen[place][0] - 1e3 * end for place, end in zip(places, ends, strict=True) if place < len(seen)]


def _spread(times: Sequence[float]) -> str:
    if len(times) < 2:
        return "-"
    return f"{statistics.median(times):.0f} / {statistics.quantiles(times, n=20)[-1]:.0f}"


if __name__ == "__main__":
    main()

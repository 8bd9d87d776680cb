"""The JupyterLab extension: what it weighs, what it costs when JupyterLab starts, and how soon a large graph shows.

Run it with ``make bench``, or ``python benchmarks/labextension.py [--starts N] [--quanta N]``. Needs Chromium.
JupyterLab is opened with the extension and without it, in turn; the difference of the medians is its cost: time until
the launcher shows, and processor time of the page (which what else the machine does disturbs less).
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import sync_playwright  # noqa: E402  # the path comes first

from jupyter_mpexec.demo import make_repository  # noqa: E402  # the same
from tests.browser.jupyter_page import CHROMIUM, Server, server  # noqa: E402  # the same
from tests.support.large_graph import write_large_graph  # noqa: E402  # the same


def print_sizes() -> None:
    """Print what each file weighs: `remoteEntry` is loaded at the start, `pages` on demand."""
    folder = ROOT / "jupyter_mpexec" / "labextension" / "static"
    files = sorted(folder.iterdir(), key=lambda file: -file.stat().st_size)
    print(f"Extension: {sum(file.stat().st_size for file in files):,} bytes in {len(files)} files")
    for file in files[:8]:
        print(f"  {file.stat().st_size:>8,}  {file.name}")


def start(browser: Any, host: Server, *, blocked: bool) -> tuple[float, float, int]:
    """Open JupyterLab once: seconds to the launcher, processor seconds, bytes of the extension."""
    context = browser.new_context()
    page = context.new_page()
    loaded: list[int] = []
    if blocked:
        page.route("**/jupyter-mpexec/static/remoteEntry*", lambda route: route.abort())
    else:
        page.on(
            "response",
            lambda answer: (
                loaded.append(int(answer.headers.get("content-length", 0)))
                if "/jupyter-mpexec/static/" in answer.url
                else None
            ),
        )
    session = context.new_cdp_session(page)
    session.send("Performance.enable")
    begin = time.perf_counter()
    page.goto(f"{host.address}/lab/workspaces/start?reset&token={host.token}")
    page.wait_for_selector(".jp-Launcher", timeout=120_000)
    seconds = time.perf_counter() - begin
    page.evaluate("() => window.jupyterapp.restored")
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    context.close()
    return seconds, metrics["TaskDuration"], sum(loaded)


def measure_start(browser: Any, host: Server, starts: int) -> None:
    """Compare starts with the extension and without it."""
    found: dict[bool, list[tuple[float, float, int]]] = {False: [], True: []}
    start(browser, host, blocked=False)
    for _ in range(starts):
        for blocked in (True, False):
            found[blocked].append(start(browser, host, blocked=blocked))
    for column, name in enumerate(("until the launcher shows", "processor time of the page")):
        without, with_it = (
            statistics.median(each[column] for each in found[blocked]) for blocked in (True, False)
        )
        print(
            f"Start, {name}: {without:.3f} s without, {with_it:.3f} s with: {1000 * (with_it - without):+.0f} ms"
        )
    print(f"Loaded at the start: {found[False][-1][2]:,} bytes")


def measure_graph(browser: Any, host: Server, quanta: int) -> None:
    """Open a large graph twice: the second time, the process that reads it is there."""
    survey = make_repository(host.root / "survey", size="small")
    small = host.root / "small.qg"
    command = [
        *(sys.executable, "-P", "-m", "jupyter_mpexec", "qgraph", "-b", str(survey.root), "-q", str(small)),
        *("-p", str(survey.pipeline), "-i", str(survey.inputs), "-o", "u/me/graph"),
    ]
    subprocess.run(command, env=host.environment, check=True, capture_output=True)
    large = write_large_graph(small, host.root / "large.qg", task="isr", total=quanta)
    print(f"Graph of {quanta:,} quanta, {large.stat().st_size / 1e6:.1f} MB:")
    for time_of in ("first", "second"):
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{host.address}/lab/workspaces/graph{time_of}?reset&token={host.token}")
        page.wait_for_selector(".jp-Launcher", timeout=120_000)
        begin = time.perf_counter()
        page.evaluate("() => { window.jupyterapp.commands.execute('docmanager:open', { path: 'large.qg' }) }")
        page.locator(".jmpl-page .jmpv-node").first.wait_for(timeout=120_000)
        painted = time.perf_counter() - begin
        page.locator(".jmpl-quanta .jmpl-row").first.wait_for(timeout=120_000)
        listed = time.perf_counter() - begin
        print(f"  opened the {time_of} time: drawn after {painted:.1f} s, quanta listed after {listed:.1f} s")
        context.close()


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])  # type: ignore[union-attr]  # it has one
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--quanta", type=int, default=100_000)
    options = parser.parse_args()
    print_sizes()
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as host, sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        measure_start(browser, host, options.starts)
        measure_graph(browser, host, options.quanta)
        browser.close()


if __name__ == "__main__":
    main()

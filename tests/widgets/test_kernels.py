"""The panel in kernels of several kinds: buttons work where clicks go to the kernel's main thread.

That is so with ipykernel 6, and with ipykernel 7 where the front end sends no comms over subshells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import ipykernel
import pytest

from tests.support.kernels import PackagesUnavailable, WidgetClient, install_packages, start_kernel
from tests.support.repository import INPUTS, PIPELINE

pytestmark = pytest.mark.filterwarnings("ignore")  # of the Jupyter client, which are not ours

IPYKERNEL_6 = "6.31.0"


@pytest.fixture(params=[IPYKERNEL_6, ipykernel.__version__], ids=["ipykernel6", "ipykernel7"])
def kernel(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WidgetClient]:
    packages = None
    if request.param != ipykernel.__version__:
        folder = request.config.cache.mkdir(f"ipykernel-{request.param}")  # type: ignore[union-attr]  # it is there
        try:
            packages = install_packages(folder, [f"ipykernel=={request.param}", "nest-asyncio>=1.4"])
        except PackagesUnavailable as error:
            pytest.skip(str(error))
    with start_kernel(tmp_path, packages=packages) as client:
        version = client.execute("import ipykernel; print(ipykernel.__version__)")
        assert version.strip() == request.param
        yield client


def panels(kernel: WidgetClient) -> list[str]:
    return [name for name in kernel.models if name.startswith("mpexec-")]


@pytest.mark.parametrize("processes", [1, 2])
def test_buttons_of_runs_in_the_background(kernel: WidgetClient, repository: Path, processes: int) -> None:
    def shows(state: str) -> Callable[[], bool]:
        return lambda: f"{state}</span></span><strong>" in kernel.text()

    kernel.execute("%load_ext jupyter_mpexec")
    options = f"-o u/me --register-dataset-types --no-versions -j {processes} --background"
    kernel.execute(
        f"run = %pipetask run -b {repository} -p {PIPELINE} -i {INPUTS} {options} -c detect:sleep=1\n"
        "run.pause()\n"
        "panel = run.panel()"
    )
    kernel.wait_until(shows("paused"), "the panel shows the run")
    kernel.wait_until(lambda: re.search(r"\b0 of \d+ busy", kernel.text()), "what had begun has ended")
    before = int(kernel.execute("print(run.report.ended)"))
    kernel.press("Step")
    kernel.wait_until(lambda: f"<strong>{before + 1} of " in kernel.text(), "one quantum more")
    name = kernel.execute("print(run.id)").strip()
    kernel.wait_until(lambda: f"%pipetask step {name}" in kernel.text(), "the line that does the same")
    # The line does it.
    kernel.execute(f"%pipetask step {name}")
    kernel.wait_until(lambda: f"<strong>{before + 2} of " in kernel.text(), "one more")
    kernel.press("Resume")
    kernel.press("Pause")
    kernel.wait_until(shows("paused"), "it is paused")
    kernel.press("Stop")
    kernel.wait_until(shows("stopped"), "it is stopped")
    kernel.press("Resume")
    kernel.wait_until(shows("succeeded"), "it went on to its end")

    # A panel goes with the output of its cell, if that was the only place where it was shown.
    [first] = panels(kernel)
    kernel.execute("run.panel()", cell="a")
    [_, second] = panels(kernel)
    kernel.execute("other = run.panel()\nother", cell="b")
    kernel.execute("other", cell="c")
    [*_, third] = panels(kernel)
    kernel.execute("run.panel()", cell="a")
    kernel.execute("run.panel()", cell="b")
    kernel.wait_until(lambda: second not in panels(kernel), "the earlier panel of the first cell is gone")
    assert len(panels(kernel)) == 4
    assert {first, third} <= {*panels(kernel)}

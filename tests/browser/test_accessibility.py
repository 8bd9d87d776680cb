"""axe-core finds nothing serious in the panel, in light and in dark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jupyter_mpexec.demo import DemoRepository

from .jupyter_page import ROOT, NotebookPage
from .panel import cells, inspected, open_tab, press, quantum_rows, wait_for_state

AXE = ROOT / "labextension" / "node_modules" / "axe-core" / "axe.min.js"

TABS = ("Graph", "Timeline", "Quanta")
INSPECTOR_TABS = ("Facts", "Inputs and outputs", "Log", "Config", "Prerequisites and dependents", "Debug")

ALL_TABS_ARE_WHOLE = """() => {
  const names = [...document.querySelectorAll('.jmpx-panel .lm-TabBar-tabLabel')].filter(name => name.offsetParent);
  return names.length > 6 && names.every(name => name.scrollWidth <= name.clientWidth);
}"""


def violations(page: Any, where: str) -> list[str]:
    found = page.evaluate(
        "async () => (await axe.run({ include: [['.jmpx-panel']] }, { resultTypes: ['violations'] })).violations"
    )
    return [
        f"{where}: {one['id']} ({one['impact']}): {one['help']}: {node['html'][:200]} {node['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]


def wait_for_colours(page: Any) -> None:
    """Wait until the cells of quanta that have succeeded are painted in the colour that the theme has for them."""
    page.wait_for_function(
        """() => {
          const canvas = document.querySelector('.jmpv-grid canvas');
          if (!canvas || !canvas.width) return false;
          const hex = getComputedStyle(canvas).getPropertyValue('--jmpx-succeeded').trim();
          const wanted = [1, 3, 5].map(at => parseInt(hex.slice(at, at + 2), 16));
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          let found = 0;
          for (let at = 0; at < data.length; at += 4) {
            // Cells let the background shine through, so that their colour is not exact.
            const near = wanted.every((value, channel) => Math.abs(data[at + channel] - value) <= 6);
            if (data[at + 3] >= 40 && near) found += 1;
          }
          return found > 50;
        }"""
    )


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: cd labextension && npm ci")
def test_nothing_serious(open_notebook: Callable[..., NotebookPage], survey_template: DemoRepository) -> None:
    first, second, _ = cells(survey_template, "--background")
    watch = "import time\nwhile run.report.ended < 24: time.sleep(0.1)\nrun.pause()"
    notebook = open_notebook([first, f"{second}\n{watch}"])
    page = notebook.page
    notebook.run_all()
    wait_for_state(page, "paused")
    open_tab(page, "Quanta")
    quantum_rows(page, "isr").first.click()
    inspected(page).wait_for()
    # Paused in the middle of it, with a picture, a watch and a breakpoint.
    press(page, "Debug here")
    press(page.locator(".jmpx-debug"), "Start")
    page.locator(".jmpd-now").wait_for()
    page.locator(".jmpx-debug-variables [role=option]", has_text="flat").click()
    page.locator(".jmpx-debug .jmpx-image").wait_for()
    press(page.locator(".jmpx-debug"), "Watch")
    page.locator(".jmpd-watch").wait_for()
    page.locator(".jmpx-debug-source [role=option]", has_text="electrons / flat").locator(
        "span"
    ).first.click()
    page.locator(".jmpx-debug-source .jmpd-stop").wait_for()
    page.add_script_tag(path=AXE)
    found = []
    for theme in ("dark", "light"):
        notebook.change_theme(theme)
        open_tab(page, "Graph")
        wait_for_colours(page)
        for tab in TABS:
            open_tab(page, tab)
            page.wait_for_timeout(500)
            notebook.take_picture(f"{theme}-{tab.lower()}")
            found += violations(page, f"{theme}, {tab}")
        for tab in INSPECTOR_TABS:
            open_tab(page, tab)
            page.wait_for_timeout(500)
            notebook.take_picture(f"{theme}-{tab.split()[0].lower()}")
            found += violations(page, f"{theme}, {tab}")
    # In a narrow window, too, the name of each tab can be read as a whole.
    page.set_viewport_size({"width": 800, "height": 1400})
    page.wait_for_function(ALL_TABS_ARE_WHOLE)
    assert not found, "\n".join(sorted(set(found)))

"""What a reader does with the panel, and sees in it."""

from __future__ import annotations

import re
from typing import Any

from jupyter_mpexec.demo import DemoRepository


def cells(survey: DemoRepository, options: str) -> list[str]:
    command = f"%pipetask run -b survey -p {survey.pipeline} -i {survey.inputs} -o u/me/panel {options}"
    return ["%load_ext jupyter_mpexec", f"run = {command} --register-dataset-types", "print('next cell')"]


def press(within: Any, label: str) -> None:
    """Click the first button with a label, on a page or in a part of it."""
    within.locator(".jupyter-button", has_text=label).first.click()


def wait_for_state(page: Any, word: str) -> None:
    page.locator(".jmpx-run-state", has_text=word).wait_for()


def ended(page: Any) -> int:
    found = re.match(r"[\d,]+", page.locator(".jmpx-top strong").inner_text())
    return int(found[0]) if found else 0


def wait_for_ended(page: Any, number: int) -> None:
    page.locator(".jmpx-top strong", has_text=f"{number} of ").wait_for()


def open_tab(page: Any, name: str) -> None:
    """Open a tab of the panel."""
    page.locator(".jmpx-panel").get_by_role("tab", name=name).click()


def inspected(page: Any) -> Any:
    """The heading that names the quantum that is inspected."""
    return page.locator(".jmpx-inspector .jmpx-title")


def click_cell(page: Any, word: str) -> None:
    """Look for a cell of the grid whose tooltip has a word, as a reader would: with the mouse; and click it."""
    grid = page.locator(".jmpv-grid canvas").first
    grid.wait_for()
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    tip = page.locator(".jmpv-grid .jmpv-tip")
    for down in range(30, int(box["height"]), 11):
        for across in range(50, min(400, int(box["width"])), 11):
            page.mouse.move(box["x"] + across, box["y"] + down)
            if word in tip.inner_text() and "jmpv-on" in tip.get_attribute("class"):
                page.mouse.down()
                page.mouse.up()
                return
    raise AssertionError(f"No cell of the grid says {word!r}.")

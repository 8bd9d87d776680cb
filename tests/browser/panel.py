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


def header(within: Any) -> Any:
    """The live header: other parts of the output, such as the static summary, say much the same."""
    return within.locator(".jmpx-header[role=status]")


def wait_for_state(within: Any, word: str) -> None:
    header(within).locator(".jmpx-run-state", has_text=word).wait_for()


def wait_for_count(within: Any, text: str) -> None:
    """Wait until so many quanta are in a state, such as ``"1 failed"``."""
    header(within).locator(".jmpx-badges", has_text=re.compile(rf"\b{text}\b")).wait_for()


def wait_until_idle(within: Any) -> None:
    """Wait until nothing is under way any more: a paused run lets quanta end that have begun."""
    header(within).filter(has_text=re.compile(r"\b0 of \d+ busy")).wait_for()


def ended(within: Any) -> int:
    found = re.match(r"[\d,]+", header(within).locator(".jmpx-top strong").inner_text())
    return int(found[0].replace(",", "")) if found else 0


def wait_for_ended(within: Any, number: int) -> None:
    header(within).locator(".jmpx-top strong", has_text=re.compile(rf"^\s*{number} of ")).wait_for()


def open_tab(page: Any, name: str) -> None:
    """Open a tab of the panel."""
    page.locator(".jmpx-panel").get_by_role("tab", name=name, exact=True).click()


def quantum_rows(page: Any, word: str) -> Any:
    """The rows of the table with a word in them."""
    return page.locator(".jmpv-rows [role=option]", has_text=word)


def inspected(page: Any) -> Any:
    """The heading that names the quantum that is inspected."""
    return page.locator(".jmpx-inspector .jmpx-title")


def click_cell(page: Any, word: str) -> None:
    """Look for a cell of the grid whose tooltip has a word, as a reader would: with the mouse; and click it.

    The run goes on meanwhile, so what is not there yet is looked for again.
    """
    grid = page.locator(".jmpv-grid canvas").first
    grid.wait_for()
    for _ in range(20):
        grid.scroll_into_view_if_needed()
        if _click_cell(page, grid.bounding_box(), word):
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"No cell of the grid says {word!r}.")


def _click_cell(page: Any, box: dict[str, float], word: str) -> bool:
    tip = page.locator(".jmpv-grid .jmpv-tip").first
    for down in range(30, int(box["height"]), 11):
        for across in range(50, min(400, int(box["width"])), 11):
            page.mouse.move(box["x"] + across, box["y"] + down)
            if word in tip.inner_text() and "jmpv-on" in tip.get_attribute("class"):
                page.mouse.down()
                page.mouse.up()
                return True
    return False

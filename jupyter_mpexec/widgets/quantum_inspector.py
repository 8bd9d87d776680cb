"""Everything about the selected quantum, in tabs of which only the one in front is filled."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import ipywidgets

from jupyter_mpexec.display import formats
from jupyter_mpexec.display.html import paragraph

from .datasets_pane import DatasetsPane
from .debug_tab import DebugTab
from .explained_button import ExplainedButton
from .log_pane import LogPane
from .neighbours_pane import NeighboursPane
from .panel_actions import line_for_quanta, steer_quanta
from .panel_context import PanelContext
from .panel_html import copyable
from .panel_reasons import why_not_quantum
from .quantum_facts import facts_html, title_html
from .selection import Selection

__all__ = ["QuantumInspector"]

PACE = 1.0
"""Seconds between two looks at the log of a quantum that runs."""

FACTS, DATASETS, LOG, CONFIG, NEIGHBOURS, DEBUG = range(6)


class QuantumInspector:
    """Facts, datasets, log, configuration and surroundings of a quantum; hidden until one is selected.

    Parameters
    ----------
    context
        The run.
    selection
        What is selected in the panel.

    Attributes
    ----------
    position
        The quantum; -1 until there is one.
    """

    def __init__(self, context: PanelContext, selection: Selection) -> None:
        self._context = context
        self.position = -1
        self._stale = False
        self._knows_end = False
        self._shown = ""
        self._filled: set[int] = set()
        self._looked_at = 0.0
        self._title = ipywidgets.HTML("")
        self._facts = ipywidgets.HTML("")
        self._config = ipywidgets.HTML("")
        self._line = ipywidgets.HTML("")
        self.datasets = DatasetsPane(context)
        context.reader.on_rest = self.datasets.close
        self.log = LogPane(context)
        self.neighbours = NeighboursPane(context, selection)
        self.debug = DebugTab(context)
        self.tabs = ipywidgets.Tab(
            [
                self._facts,
                self.datasets.widget,
                self.log.widget,
                self._config,
                self.neighbours.widget,
                self.debug.widget,
            ]
        )
        self.tabs.titles = (
            "Facts",
            "Inputs and outputs",
            "Log",
            "Config",
            "Prerequisites and dependents",
            "Debug",
        )
        self.tabs.observe(lambda _: self._fill(), "selected_index")
        self._buttons = {
            "retry": self._button("Rerun", "repeat", "retry", "Run this quantum once more"),
            "cancel": self._button("Cancel", "ban", "cancel", "Take this quantum out of the run"),
            "skip": self._button("Skip", "forward", "skip", "Do not run it; those that need it go on"),
        }
        debug = ipywidgets.Button(
            description="Debug here",
            icon="bug",
            tooltip="Run it once more in this kernel, and pause in the middle of it",
        )
        debug.on_click(lambda _: self._context.commands.do(self.show_debugger))
        buttons = ipywidgets.HBox([*self._buttons.values(), debug])
        buttons.add_class("jmpx-buttons")
        self.widget = ipywidgets.VBox([self._title, buttons, self._line, self.tabs])
        self.widget.add_class("jmpx-inspector")
        self.widget.layout.display = "none"

    def _button(self, label: str, icon: str, action: str, tooltip: str) -> ExplainedButton:
        button = ExplainedButton(description=label, icon=icon, tooltip=tooltip)
        button.on_click(lambda _: self._context.commands.do(lambda: self._steer(action)))
        return button

    def _steer(self, action: str) -> None:
        watched = self._context.watched
        if watched is not None and self.position >= 0:
            ids = [watched.catalogue.ids[self.position]]
            steer_quanta(self._context.run, action, ids)
            self._context.on_success()
            self._line.value = copyable(line_for_quanta(self._context.run, action, ids))

    def show(self, position: int) -> None:
        """Show another quantum; called on the thread of commands."""
        self.position, self._shown = position, ""
        self._line.value = ""
        self._context.reader.do(self._clear)
        self.log.listen()
        self.widget.layout.display = ""
        self.refresh()
        self._context.wake()

    def move(self, position: int | None) -> None:
        """Take in that the quantum has another position from now on."""
        if position is not None:
            self.position = position

    def refresh(self) -> None:
        """Note that everything may have changed."""
        self._stale, self._filled = True, set()
        self._fill()

    def show_debugger(self) -> None:
        """Open the tab for debugging."""
        self.tabs.selected_index = DEBUG

    def _clear(self) -> None:
        self.datasets.clear()
        self.log.clear()

    def close(self) -> None:
        """End what is done for the inspector."""
        self.log.close()
        self.datasets.close()
        self.debug.close()

    def note(self, changed: list[int]) -> None:
        """Take in which quanta have changed."""
        watched = self._context.watched
        assert watched is not None, "Something has changed."
        if self.position in changed:
            self._stale = True
            self._filled -= {DATASETS, LOG}
            self._fill()
        if self.tabs.selected_index == NEIGHBOURS:
            self.neighbours.note(watched, set(changed))
        else:
            self._filled.discard(NEIGHBOURS)

    def _fill(self) -> None:
        tab, position = self.tabs.selected_index, self.position
        watched = self._context.watched
        if watched is None or position < 0 or tab in self._filled or tab is None:
            return
        self._filled.add(tab)
        quantum_id = watched.catalogue.ids[position]
        fillings: dict[int, Callable[[], object]] = {
            DATASETS: lambda: self.datasets.fill(quantum_id),
            LOG: lambda: self.log.fill(position, self._stored_log(quantum_id)),
            CONFIG: lambda: self._show_config(watched.catalogue.task(position).label),
            NEIGHBOURS: lambda: self.neighbours.fill(position),
        }
        if tab == DEBUG:
            data_id = formats.data_id(watched.catalogue.data_id(position))
            self.debug.select(quantum_id, f"{watched.catalogue.task(position).label} {data_id}".strip())
        if tab in fillings:
            self._context.reader.do(fillings[tab])

    def _stored_log(self, quantum_id: str) -> Any:
        """Read the log dataset, on the thread of the reader."""
        watched = self._context.watched
        if self._context.graph_error is not None and watched is not None:
            # A log is named after its task.
            position = watched.catalogue.positions[quantum_id]
            name = f"{watched.catalogue.task(position).label}_log"
            return self.datasets.read_named(name, watched.catalogue.data_id(position))
        self.datasets.fill(quantum_id)
        return self.datasets.read_log()

    def _show_config(self, label: str) -> None:
        from jupyter_mpexec.execution.views.config import config_bundle

        if self._context.graph_error is None:
            config = self._context.run.graph.pipeline_graph.tasks[label].config
        elif (config := self.datasets.read_named(f"{label}_config", {})) is None:
            note = (
                "The configuration is in the quantum graph, which cannot be read, and not in the repository."
            )
            self._config.value = str(paragraph(note, muted=True))
            return
        self._config.value = config_bundle(config)["text/html"]

    # On the thread of the clock.

    def is_due(self) -> bool:
        """Tell whether there is news."""
        if self.position < 0:
            return False
        watched = self._context.watched
        ended = watched is not None and watched.state.is_final and not self._knows_end
        return self._stale or ended or self._follows_log()

    def _follows_log(self) -> bool:
        watched = self._context.watched
        return (
            watched is not None
            and self.tabs.selected_index == LOG
            and bool(self.log.live.value)
            and not watched.status(self.position).is_final
            and time.monotonic() - self._looked_at >= PACE
        )

    def update(self) -> None:
        """Show the news."""
        watched = self._context.watched
        assert watched is not None, "A quantum is selected."
        position = self.position
        ended = watched.state.is_final
        if self._stale or ended != self._knows_end:
            self._stale, self._knows_end = False, ended
            self._title.value = title_html(watched, position)
            for action, reason in why_not_quantum(watched.state, watched.status(position)).items():
                self._buttons[action].offer(reason)
            facts = facts_html(watched, position, self._context.run.report)
            if facts != self._shown:
                self._shown = self._facts.value = facts
        else:
            self._looked_at = time.monotonic()
            self._context.reader.do(lambda: self.log.fill(position, None))

"""Inputs and outputs of a quantum: what exists, what it looks like, and how to get it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets

from jupyter_mpexec.display import formats
from jupyter_mpexec.display.html import paragraph
from jupyter_mpexec.errors import RunError

from .panel_context import PanelContext
from .panel_html import copyable
from .previews import STRETCHES, preview

if TYPE_CHECKING:
    from lsst.daf.butler import Butler

    from jupyter_mpexec.execution.views.quantum_datasets import QuantumDataset

__all__ = ["DatasetsPane"]

_MARKS = {True: "✓", False: "○"}


class DatasetsPane:
    """A list of datasets, and below it what is done with the selected one.

    Parameters
    ----------
    context
        The run.
    """

    def __init__(self, context: PanelContext) -> None:
        self._context = context
        self._datasets: list[QuantumDataset] = []
        self._butler: Butler | None = None
        self._shown: tuple[QuantumDataset, Any] | None = None
        self._list = ipywidgets.Select(
            options=(),
            rows=7,
            description="Datasets",
            style={"description_width": "initial"},
            layout={"width": "100%"},
        )
        self._list.observe(lambda _: self._context.reader.do(self._show_line), "value")
        self._list.add_class("jmpx-list")
        show = ipywidgets.Button(description="Show", icon="eye", tooltip="Show the selected dataset here")
        show.on_click(lambda _: self._context.reader.do(self._show))
        bind = ipywidgets.Button(
            description="To notebook", icon="share-square-o", tooltip="Put it into a variable of the notebook"
        )
        bind.on_click(lambda _: self._context.reader.do(self._bind))
        self._stretch = ipywidgets.Dropdown(
            options=STRETCHES,
            tooltip="How pixel values become shades",
            description="Stretch",
            style={"description_width": "initial"},
            layout={"width": "170px"},
        )
        self._stretch.observe(lambda _: self._context.reader.do(self._draw), "value")
        self._stretch.layout.visibility = "hidden"
        row = ipywidgets.HBox([show, bind, self._stretch])
        row.add_class("jmpx-buttons")
        self._line = ipywidgets.HTML("")
        self._picture = ipywidgets.HTML("")
        self.widget = ipywidgets.VBox([self._list, row, self._line, self._picture])

    # All of this happens on the thread of the reader: the butler belongs to it.

    def fill(self, quantum_id: str) -> None:
        """List the datasets of a quantum."""
        from jupyter_mpexec.execution.views.quantum_datasets import quantum_datasets

        self._shown = None
        if self._context.graph_error is not None:
            note = (
                "Which datasets the quantum reads and writes is in the quantum graph, which cannot be read."
            )
            self._line.value = str(paragraph(note, muted=True))
            return
        butler = self._opened()
        butler.registry.refresh()
        self._datasets = quantum_datasets(self._context.run.graph, quantum_id, butler)
        kept = self._list.value
        with self._list.hold_sync():
            self._list.options = [(_row(dataset), n) for n, dataset in enumerate(self._datasets)]
            self._list.value = kept if kept is not None and kept < len(self._datasets) else None
        self._show_line()

    def read_named(self, name: str, data_id: Mapping[str, Any]) -> Any:
        """Read a dataset of the run by name and data ID, for which no graph is needed; None if there is none."""
        from jupyter_mpexec.execution.views.quantum_datasets import read_named

        butler = self._opened()
        butler.registry.refresh()
        return read_named(butler, name, data_id, self._context.run.output_run)

    def read_log(self) -> Any:
        """Read the log dataset of the quantum; None if there is none."""
        for dataset in self._datasets:
            if dataset.role == "record" and dataset.exists and dataset.ref.datasetType.name.endswith("_log"):
                return self._opened().get(dataset.ref)
        return None

    def clear(self) -> None:
        """Forget the quantum that was shown."""
        self._datasets, self._shown = [], None
        self._list.options = ()
        self._line.value = self._picture.value = ""
        self._stretch.layout.visibility = "hidden"

    def close(self) -> None:
        """Close the butler, which the next thread cannot use."""
        if self._butler is not None:
            self._butler.close()
            self._butler = None

    def _opened(self) -> Butler:
        if self._butler is None:
            self._butler = self._context.run.butler()
        return self._butler

    def _selected(self) -> QuantumDataset:
        number: int | None = self._list.value
        if number is None or number >= len(self._datasets):
            raise RunError("No dataset is selected.", hint="Select one in the list first.")
        return self._datasets[number]

    def _show_line(self) -> None:
        from jupyter_mpexec.execution.views.quantum_datasets import get_line

        if self._list.value is None:
            self._line.value = ""
            return
        self._line.value = copyable(get_line(self._selected()), label="Python")

    def _get(self, dataset: QuantumDataset) -> Any:
        butler = self._opened()
        if not dataset.exists and not butler.stored(dataset.ref):
            raise RunError(
                f"{dataset.ref.datasetType.name} ({formats.data_id(dataset.data_id)}) does not exist yet.",
                hint="Wait until the quantum has finished and its outputs are in the repository.",
            )
        return butler.get(dataset.ref)

    def _show(self) -> None:
        self._shown = None
        self._draw()

    def _draw(self) -> None:
        dataset = self._selected()
        self._picture.value = str(paragraph("Reading …", muted=True))
        try:
            # Another stretch shows the same once more.
            if self._shown is None or self._shown[0].ref != dataset.ref:
                self._shown = dataset, self._get(dataset)
            shown = preview(
                self._shown[1], dataset.ref.datasetType.storageClass_name, stretch=self._stretch.value
            )
        except Exception:
            self._picture.value = ""
            raise
        self._picture.value = shown.html
        self._stretch.layout.visibility = "visible" if shown.is_image else "hidden"

    def _bind(self) -> None:
        from IPython import get_ipython

        from jupyter_mpexec.execution.views.quantum_datasets import get_line

        dataset = self._selected()
        shell = get_ipython()
        if shell is None:
            raise RunError("There is no notebook to put a variable into.")
        name = re.sub(r"\W", "_", dataset.ref.datasetType.name)
        # Read for the notebook alone: what is changed there is not changed here.
        shell.push({name: self._get(dataset)})
        self._line.value = copyable(f"{name} = {get_line(dataset)}", label=f"Now in the variable {name}:")


def _row(dataset: QuantumDataset) -> str:
    kind = dataset.ref.datasetType
    role = {"input": "in ", "output": "out", "record": "rec"}[dataset.role]
    missing = "" if dataset.exists else "  (not there)"
    text = f"{_MARKS[dataset.exists]} {role}  {kind.name:<22} {kind.storageClass_name:<18} "
    text += f"{formats.data_id(dataset.data_id)}{missing}"
    return text.replace(" ", "\N{NO-BREAK SPACE}")

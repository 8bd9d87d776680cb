"""Datasets of the selected quantum, as they are now in a real repository."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from lsst.daf.butler import Butler

from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.widgets.panel_context import PATIENCE
from jupyter_mpexec.widgets.quantum_inspector import DATASETS
from jupyter_mpexec.widgets.run_panel import RunPanel
from tests.front import conftest as front

from .conftest import press, wait_until

MakeGraph = Callable[..., BuiltQuantumGraph]

bare_shell = front.bare_shell


@pytest.fixture
def panel(make_graph: MakeGraph, bare_shell: InteractiveShell) -> Any:
    """A panel with the outputs of a quantum of ``detect``, of which ``catalog`` is selected."""
    panel = RunPanel(make_graph().run(register_dataset_types=True))
    wait_until(lambda: panel._context and panel._context.watched, "the panel knows the run")
    watched = panel._context.watched  # type: ignore[union-attr]  # it is there
    assert watched is not None
    datasets = panel._inspector.datasets
    panel._inspector.tabs.selected_index = DATASETS
    panel._selection.select_quantum(watched.catalogue.by_label["detect"].positions[0])
    wait_until(lambda: datasets._list.options, "its datasets")
    names = [dataset.ref.datasetType.name for dataset in datasets._datasets]
    datasets._list.value = names.index("catalog")
    yield panel
    panel.close()


def show(panel: RunPanel) -> str:
    """Press the button, and get what is shown."""
    datasets = panel._inspector.datasets
    datasets._picture.value = ""
    press(datasets.widget, "Show")
    wait_until(lambda: "Reading" not in datasets._picture.value and datasets._picture.value, "a preview")
    return str(datasets._picture.value)


def to_notebook(panel: RunPanel, shell: InteractiveShell) -> Any:
    """Press the button, and get the variable."""
    shell.user_ns.pop("catalog", None)
    press(panel._inspector.datasets.widget, "To notebook")
    wait_until(lambda: "catalog" in shell.user_ns, "the variable")
    return shell.user_ns["catalog"]


def test_what_is_shown_is_what_is_there_now(panel: RunPanel, bare_shell: InteractiveShell) -> None:
    assert "renewed" not in show(panel)
    assert "renewed" not in to_notebook(panel, bare_shell)
    datasets = panel._inspector.datasets
    selected = datasets._datasets[datasets._list.value].ref
    with Butler.from_config(panel.run.graph.repository, writeable=True) as butler:
        # As when the quantum is run again.
        ref = butler.get_dataset(selected.id, dimension_records=True)
        assert ref is not None
        new = {**butler.get(ref), "renewed": "yes"}
        butler.pruneDatasets([ref], unstore=True, disassociate=False)
        butler.put(new, ref)
    assert "renewed" in show(panel)
    assert to_notebook(panel, bare_shell) == new


def test_what_is_changed_in_the_notebook_is_not_changed_in_the_panel(
    panel: RunPanel, bare_shell: InteractiveShell
) -> None:
    shown = show(panel)
    to_notebook(panel, bare_shell)["spoilt"] = "yes"
    datasets = panel._inspector.datasets
    datasets._picture.value = ""
    # Drawn once more, without reading.
    datasets._stretch.value = datasets._stretch.options[1]
    wait_until(lambda: "Reading" not in datasets._picture.value and datasets._picture.value, "a preview")
    assert datasets._picture.value == shown


def test_it_goes_on_after_a_rest(panel: RunPanel, bare_shell: InteractiveShell) -> None:
    reader = panel._context.reader  # type: ignore[union-attr]  # it is there
    assert reader._patience == PATIENCE
    shown = show(panel)
    reader._patience = 0.01
    reader.do(lambda: None)
    wait_until(lambda: reader._thread is None, "its thread ends")
    assert panel._inspector.datasets._butler is None
    assert show(panel) == shown

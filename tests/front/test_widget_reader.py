from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_mpexec.front.widget_reader import shows_widgets


def shell(metadata: dict[str, Any]) -> Any:
    """A shell in a kernel that handles a request with this metadata."""
    kernel = SimpleNamespace(get_parent=lambda channel: {"metadata": metadata})
    return SimpleNamespace(kernel=kernel)


LAB = shell({"cellId": "1a2b", "deletedCells": []})
NBCLIENT = shell({})


@pytest.fixture(autouse=True)
def _no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUPYTER_MPEXEC_PANEL", raising=False)


def test_front_ends_name_the_cell() -> None:
    assert shows_widgets(LAB)
    assert not shows_widgets(NBCLIENT)


def test_no_kernel_no_widgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_MPEXEC_PANEL", "1")
    assert not shows_widgets(None)
    assert not shows_widgets(SimpleNamespace())


@pytest.mark.parametrize(("chosen", "panel"), [("0", False), ("1", True)])
def test_the_environment_has_the_last_word(monkeypatch: pytest.MonkeyPatch, chosen: str, panel: bool) -> None:
    monkeypatch.setenv("JUPYTER_MPEXEC_PANEL", chosen)
    assert shows_widgets(LAB) is panel
    assert shows_widgets(NBCLIENT) is panel

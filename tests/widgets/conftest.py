"""The small repository of the execution tests, graphs of it, and panels that are looked at without a browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import comm
import ipywidgets
import pytest
from comm.base_comm import BaseComm

from jupyter_mpexec import GraphBuilder, PipelineBuilder
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from tests.execution import conftest as execution
from tests.support.repository import INPUTS, PIPELINE
from tests.support.waiting import wait_until

butler = execution.butler
repository = execution.repository
repository_template = execution.repository_template


@pytest.fixture
def make_graph(repository: Path) -> Callable[..., BuiltQuantumGraph]:
    """Build a graph of the whole repository, with config overrides as ``label, name, value``."""

    def make(*overrides: tuple[str, str, Any]) -> BuiltQuantumGraph:
        builder = PipelineBuilder(PIPELINE)
        for override in overrides:
            builder.config(*override)
        return GraphBuilder(builder, str(repository), input=INPUTS, output="u/me").build()

    return make


class SentMessage:
    """A message to the browser."""

    def __init__(self, kind: str, data: dict[str, Any]) -> None:
        self.time = time.monotonic()
        self.kind = kind
        self.data = data


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[SentMessage]]:
    """All messages that widgets made in this test send to the browser."""
    messages: list[SentMessage] = []

    class RecordingComm(BaseComm):
        def publish_msg(self, msg_type: str, data: Any = None, **more: Any) -> None:
            messages.append(SentMessage(msg_type, data or {}))

    monkeypatch.setattr(comm, "create_comm", lambda **arguments: RecordingComm(**arguments))
    return messages


def all_in(widget: Any) -> Iterator[Any]:
    """A widget, and all inside it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from all_in(child)


def press(widget: Any, label: str) -> None:
    """Click the first button with a label, as soon as it can be clicked."""
    button = next(w for w in all_in(widget) if isinstance(w, ipywidgets.Button) and w.description == label)
    wait_until(lambda: not button.disabled, f"{label} is offered")
    button.click()


def page_text(widget: Any) -> str:
    """All HTML that is shown in a widget."""
    return "\n".join(
        w.value for w in all_in(widget) if isinstance(w, ipywidgets.HTML) and "<style>" not in w.value
    )

"""What the live views send; how they look is tested in a browser."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest

from jupyter_mpexec.display.scene import make_scene
from jupyter_mpexec.display.status_codes import status_code
from jupyter_mpexec.errors import UsageError
from jupyter_mpexec.status import QuantumStatus
from jupyter_mpexec.widgets import assets
from jupyter_mpexec.widgets.canvas import Bar, GraphView, MissingViewsError, QuantumGrid, Timeline

from ..display.samples import collapsed

Message = tuple[dict[str, Any], list[bytes]]


def listen(view: Any, monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """Collect the messages of a view, which has no front end here."""
    messages: list[Message] = []
    monkeypatch.setattr(view, "send", lambda content, buffers=(): messages.append((content, list(buffers))))
    return messages


def hello(view: Any) -> None:
    view._handle_custom_msg({"kind": "hello"}, [])


@pytest.fixture
def graph() -> GraphView:
    return GraphView(make_scene(collapsed(), engine="layered"))


@pytest.fixture
def grid() -> QuantumGrid:
    view = QuantumGrid()
    cells = [(0, 0), (1, 0), (1, 1)]
    view.show(["a", "b"], ["1", "2"], cells, ["pending"] * 3, column_axis="detector", row_axis="visit")
    return view


def test_only_counts_that_differ_are_sent(graph, monkeypatch):
    messages = listen(graph, monkeypatch)
    graph.set_counts(
        {"isr": {QuantumStatus.SUCCEEDED: 12000, "no_work": 3}, "coadd": {"running": 1, "failed": 0}}
    )
    graph.set_counts({"coadd": {"running": 1}, "unknown": {"failed": 1}})
    assert [content["counts"] for content, _ in messages] == [{"coadd": {"running": 1}}]


def test_a_keyframe_has_everything_that_was_sent(graph):
    graph.set_counts({"coadd": {"running": 1}})
    hello(graph)
    assert graph._frame["counts"]["coadd"] == {"running": 1}
    assert graph._frame["counts"]["isr"] == {"succeeded": 12000, "no_work": 3}
    assert graph._frame["sequence"] == 1


def test_differences_are_numbered_without_gaps(graph, monkeypatch):
    messages = listen(graph, monkeypatch)
    for number in range(1, 6):
        graph.set_counts({"coadd": {"running": number}})
    assert [content["sequence"] for content, _ in messages] == [1, 2, 3, 4, 5]


def test_as_long_as_nobody_is_heard_keyframes_are_sent_unasked(graph, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr("jupyter_mpexec.widgets.live_view.time.monotonic", lambda: clock[0])

    def sequence_after_change(number: int) -> int:
        graph.set_counts({"coadd": {"running": number}})
        return graph._frame["sequence"]

    graph.keyframe()
    assert sequence_after_change(1) == 0
    clock[0] += 3
    assert sequence_after_change(2) == 2
    hello(graph)
    clock[0] += 3
    assert sequence_after_change(3) == 2


def test_another_scene_starts_with_its_own_counts(graph):
    graph.selected = "calibrate"
    graph.set_counts({"coadd": {"running": 1}})
    graph.scene = dict(make_scene(collapsed(), engine="layered"), title="again", nodes=[])
    assert graph._frame["counts"] == {}
    assert graph.selected == ""


def test_only_states_that_differ_are_sent_and_packed(grid, monkeypatch):
    messages = listen(grid, monkeypatch)
    grid.set_statuses([(0, "pending"), (2, "running"), (1, 5), (2, QuantumStatus.SUCCEEDED)])
    ((content, (indices, codes)),) = messages
    assert struct.unpack("<2I", indices) == (2, 1)
    assert list(codes) == [2, 5]
    assert content["generation"] == grid._cells["generation"]
    assert grid.counts() == {
        QuantumStatus.PENDING: 1,
        QuantumStatus.SUCCEEDED: 1,
        QuantumStatus.FAILED: 1,
    }
    grid.set_statuses([(0, "pending")])
    assert len(messages) == 1


def test_other_cells_take_the_place_of_the_first(grid):
    first = grid._cells["generation"]
    grid.selected = 2
    grid.show(["7"], [""], [(0, 0)], bytes([5]), column_axis="tract")
    assert grid.selected == -1
    assert grid._cells["generation"] == first + 1
    assert grid._frame == {"generation": first + 1, "statuses": b"\x05", "sequence": 0}
    assert struct.unpack("<I", grid._cells["across"]) == (0,)


def test_cells_outside_of_the_axes_are_refused(grid):
    with pytest.raises(UsageError, match="outside of 1 columns"):
        grid.show(["a"], ["1"], [(1, 0)], ["pending"])
    with pytest.raises(UsageError, match="1 cell, but 2 states"):
        grid.show(["a"], ["1"], [(0, 0)], ["pending", "failed"])


def test_a_running_bar_gets_its_end_in_place(monkeypatch):
    view = Timeline(["worker 1"], ["isr"])
    messages = listen(view, monkeypatch)
    view.add([Bar(3, 0, 0.5, None, "running", 0)], now=1.0)
    view.add([Bar(4, 0, 1.5, 2.0, "succeeded", 0), Bar(3, 0, 0.5, 2.5, "failed", 0)])
    first, second = messages
    assert struct.unpack("<I", first[1][0]) == (0,)
    assert math.isnan(struct.unpack("<d", first[1][5])[0])
    assert struct.unpack("<2I", second[1][0]) == (1, 0)
    assert list(second[1][6]) == [2, 5]
    assert second[0]["now"] == 2.5
    hello(view)
    assert struct.unpack("<2I", view._frame["quantum"]) == (3, 4)
    assert struct.unpack("<2d", view._frame["end"]) == (2.5, 2.0)


def test_what_became_of_a_bar_may_be_told_after_its_end():
    view = Timeline(["worker-0"], ["isr"])
    for status in ("running", "succeeded"):
        view.add([Bar(7, 0, 0.0, 2.0, status, 0)])
    assert len(view._bars) == 1
    assert view._whole()["status"] == bytes([status_code("succeeded")])


def test_a_retry_is_another_bar():
    view = Timeline(["worker 1"], ["isr"])
    view.add([Bar(3, 0, 0.0, 1.0, "failed", 0)])
    view.add([Bar(3, 0, 2.0, None, "running", 0)])
    view.keyframe()
    assert struct.unpack("<2d", view._frame["start"]) == (0.0, 2.0)


def test_memory_is_added(monkeypatch):
    view = Timeline()
    messages = listen(view, monkeypatch)
    view.add_memory([])
    view.add_memory([(1.0, 5e8)])
    ((content, (samples,)),) = messages
    assert content["memory"] is True
    assert struct.unpack("<2d", samples) == (1.0, 5e8)


def test_more_is_told_of_what_the_pointer_rests_on(monkeypatch):
    view = QuantumGrid(describe=lambda index: f"quantum {index}")
    messages = listen(view, monkeypatch)
    view._handle_custom_msg({"kind": "describe", "index": 7}, [])
    view._handle_custom_msg({"kind": "nonsense"}, [])
    assert messages == [({"kind": "described", "index": 7, "text": "quantum 7"}, [])]


def test_front_ends_without_widgets_get_a_line_without_addresses(graph, grid):
    timeline = Timeline(label="Quanta by worker")
    texts = [view._repr_mimebundle_()[0]["text/plain"] for view in (graph, grid, timeline)]
    assert texts == ["Quantum graph", "Grid of quanta: 3 quanta", "Quanta by worker: 0 bars, 0 s"]
    assert repr(graph) == "<GraphView: Quantum graph>"


def test_the_script_is_small_and_needs_no_network():
    parts = assets.script(), assets.stylesheet()
    assert len(parts[0].encode()) <= 60_000
    assert len(parts[1].encode()) <= 10_000
    assert "@import" not in parts[1]
    assert not any(
        f"{scheme}://" in part.replace("http://www.w3.org/", "")
        for part in parts
        for scheme in ("http", "https")
    )


def test_without_the_script_it_is_said_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(assets, "_STATIC", tmp_path)
    assets._read.cache_clear()
    try:
        assert not assets.views_are_built()
        with pytest.raises(MissingViewsError, match=r"Node\.js 20 or later"):
            Timeline()
    finally:
        assets._read.cache_clear()

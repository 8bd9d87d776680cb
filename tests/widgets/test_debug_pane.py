"""The debugging pane on real runs and real sessions, without a browser."""

from __future__ import annotations

import builtins
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jupyter_mpexec.debug import desk
from jupyter_mpexec.events import Event, QuantumStarted
from jupyter_mpexec.execution.built_graph import BuiltQuantumGraph
from jupyter_mpexec.execution.run import Run
from jupyter_mpexec.status import QuantumStatus
from jupyter_mpexec.widgets.debug_pane import DebugPane
from jupyter_mpexec.widgets.picks import Picks
from jupyter_mpexec.widgets.run_panel import RunPanel

from .conftest import all_in, page_text, press, wait_until

MakeGraph = Callable[..., BuiltQuantumGraph]
FAILING = ("measure", "fail_on", "visit = 1 AND detector = 0")


def key(picks: Picks, name: str) -> None:
    """What the browser sends when a key is pressed."""
    picks._hear(picks, {"kind": "key", "key": name}, [])


def pick(picks: Picks, text: str) -> None:
    """What the browser sends when the first row with a text is clicked."""
    index = next(n for n, (cells, _, _) in enumerate(picks.rows) if any(text in cell for cell in cells))
    picks._hear(picks, {"kind": "pick", "index": index, "sequence": picks._sequence}, [])


def row(picks: Picks, text: str) -> Any:
    """The first row with a text; an empty one if there is none."""
    return next((row for row in picks.rows if any(text in cell for cell in row[0])), ((""), (), ""))


def current_line(pane: DebugPane) -> str:
    source = pane.frames.source
    return source.rows[source.current][0][1].strip() if 0 <= source.current < len(source.rows) else ""


class Opened:
    """A panel in which a quantum is being debugged."""

    def __init__(self, run: Run, task: str, **data_id: Any) -> None:
        self.run = run
        self.panel = RunPanel(run)
        wait_until(lambda: self.panel._context and self.panel._context.watched, "the panel knows the run")
        self.select(task, **data_id)
        press(self.panel._inspector.widget, "Debug here")
        wait_until(lambda: self.panel._inspector.debug.pane, "the pane is made")
        assert self.panel._inspector.debug.pane is not None
        self.pane: DebugPane = self.panel._inspector.debug.pane
        wait_until(lambda: self.pane._view, "the pane has something to show")

    def select(self, task: str, **data_id: Any) -> None:
        position = self.panel._context.watched.catalogue.positions[str(self.run.quantum(task, **data_id).id)]
        self.panel._selection.select_quantum(position)
        wait_until(lambda: self.panel._inspector.position == position, "the quantum is selected")

    @property
    def text(self) -> str:
        return page_text(self.pane.widget)

    def wait_for(self, text: str) -> None:
        wait_until(lambda: text in self.text, text)

    def pauses_at(self, line: str) -> None:
        wait_until(
            lambda: self.pane._view.is_paused and line in current_line(self.pane), f"a pause at {line}"
        )

    def start(self) -> None:
        """Debug the quantum, from its first line on."""
        press(self.pane.form.widget, "Start")
        self.pauses_at("data_id = dict")

    def evaluate(self, source: str) -> None:
        self.pane.console.source.value = source
        press(self.pane.console.widget, "Evaluate")


@pytest.fixture
def failed(make_graph: MakeGraph) -> Run:
    run = make_graph(FAILING).run(register_dataset_types=True)
    assert run.report.counts[QuantumStatus.FAILED] == 1
    return run


@pytest.fixture
def opened(failed: Run) -> Iterator[Opened]:
    opened = Opened(failed, "measure", visit=1, detector=0)
    yield opened
    opened.panel.close()
    wait_until(lambda: not debug_threads(), "all threads end")


def debug_threads() -> list[str]:
    own = ("mpexec panel", "jupyter_mpexec debug")
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(own)]


def test_frames_of_a_failure_are_browsed(opened: Opened) -> None:
    opened.wait_for("ValueError: told to fail")
    pane = opened.pane
    wait_until(lambda: "raise doImportType" in current_line(pane), "the line that raised")
    wait_until(lambda: "103" in str(pane.frames.variables.rows), "its variables")
    pick(pane.frames.stack, "BehavingTask.runQuantum")
    wait_until(lambda: "self.run(" in current_line(pane), "the caller")
    # Lines that are clicked are where it is going to pause.
    number = row(pane.frames.source, "inputs = butlerQC.get(inputRefs)")[0][0]
    pick(pane.frames.source, "inputs = butlerQC.get(inputRefs)")
    wait_until(lambda: pane.form.places.value.endswith(f"tasks.py:{number}"), "the place")
    wait_until(lambda: "jmpd-stop" in row(pane.frames.source, "butlerQC.get")[1], "its mark")
    press(pane.form.widget, "Start")
    wait_until(lambda: pane._view.is_paused, "a pause")
    press(pane.controls.widget, "Continue")
    opened.pauses_at("inputs = butlerQC.get(inputRefs)")


def test_break_look_change_patch_compare_promote(opened: Opened) -> None:
    pane = opened.pane
    pane.form.places.value = "MeasureTask.run: raise doImport"
    opened.start()
    opened.wait_for("; _debug = _quantum.debug((")
    key(pane.frames.source, "F10")
    opened.pauses_at("for number in range")
    wait_until(lambda: "data_id" in str(pane.frames.variables.rows), "a variable more")
    opened.wait_for("_debug.step_over()")

    # Look and change.
    press(pane.controls.widget, "Continue")
    opened.pauses_at("raise doImportType")
    opened.evaluate("inputs['catalog']['n'] + 1")
    opened.wait_for("104")
    pick(pane.frames.variables, "inputs")
    opened.wait_for("catalog")
    opened.evaluate("1 / 0")
    opened.wait_for("ZeroDivisionError")
    pane.console.source.value = "len(inputs)"
    press(pane.console.widget, "Watch")
    wait_until(lambda: "jmpd-watch" in row(pane.frames.variables, "len(inputs)")[1], "the watch")
    opened.evaluate("data_id = {'changed': 1}")
    wait_until(lambda: "changed" in row(pane.frames.variables, "data_id")[0][1], "the new value")

    # To its end: it fails once more, and its frames stay.
    press(pane.controls.widget, "Continue")
    wait_until(lambda: pane._view.is_paused and "ValueError" in pane._view.problem, "the exception")
    press(pane.controls.widget, "Continue")
    opened.wait_for("Rerun failed")
    opened.wait_for("Attempt 1")
    assert "raise doImportType" in current_line(pane)

    # With another method, it succeeds.
    assert pane.bench.quantum is not None
    pane.bench.quantum.patch(
        "BehavingTask._should_fail", "def _should_fail(self, data_id):\n    return False\n"
    )
    opened.wait_for("Reruns use your version of <code>BehavingTask._should_fail")
    press(pane.outcome.widget, "Rerun")
    opened.wait_for("Attempt 2")
    opened.wait_for("in memory only")
    press(pane.outcome.widget, "Promote")
    opened.wait_for("in the output run")
    opened.wait_for("_quantum.promote()")
    assert opened.run.quantum("measure", visit=1, detector=0).outputs["measurements"]["n"] == 103
    assert opened.run.report.counts.get(QuantumStatus.FAILED, 0) == 0
    # Its breakpoints are still there.
    press(pane.outcome.widget, "Debug again")
    opened.pauses_at("data_id = dict")


def test_what_is_wrong_is_said_beside_its_field_until_it_works(opened: Opened) -> None:
    pane = opened.pane
    pane.form.places.value = "BehavingTask.runQuantum, nofile.py:3"
    press(pane.form.widget, "Start")
    wait_until(lambda: "is called nofile.py." in pane.notices.text("form"), "the place that is not there")
    assert not opened.panel._notices.text
    pane.form.places.value = "BehavingTask.runQuantum, MeasureTask.run"
    press(pane.form.widget, "Start")
    opened.pauses_at("")
    wait_until(lambda: not pane.notices.text("form"), "what was wrong is past")
    press(pane.controls.widget, "Raise…")
    pane.controls._text.value = "nowhere"
    press(pane.controls.widget, "Go")
    wait_until(lambda: "NameError" in pane.notices.text("controls"), "what cannot be raised")
    before = pane._view.number
    press(pane.controls.widget, "Continue")
    wait_until(lambda: pane._view.is_paused and pane._view.number != before, "the next pause")
    wait_until(lambda: not pane.notices.text("controls"), "what was wrong is past")
    assert not opened.panel._notices.text


def test_raise_return_abandon_restart(opened: Opened) -> None:
    pane = opened.pane
    opened.start()
    press(pane.controls.widget, "Raise…")
    pane.controls._text.value = "KeyError('mine')"
    press(pane.controls.widget, "Go")
    opened.wait_for("KeyError: &#x27;mine&#x27;")
    press(pane.outcome.widget, "Debug again")
    opened.pauses_at("data_id = dict")
    key(pane.frames.source, "F10")
    opened.pauses_at("for number in range")
    press(pane.controls.widget, "Restart")
    opened.pauses_at("data_id = dict")
    press(pane.controls.widget, "Return…")
    press(pane.controls.widget, "Go")
    opened.wait_for("Attempt 2")
    press(pane.outcome.widget, "Debug again")
    opened.pauses_at("data_id = dict")
    press(pane.controls.widget, "Abandon")
    opened.wait_for("Abandoned")
    opened.start()


def test_an_evaluation_that_never_ends_keeps_nothing_else(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "_PATIENCE", 0.1)
    pane = opened.pane
    began, held = threading.Event(), threading.Event()
    monkeypatch.setattr(builtins, "hang", lambda: began.set() or held.wait(), raising=False)
    opened.start()
    try:
        opened.evaluate("hang()")
        assert began.wait(30)
        pick(pane.frames.source, "outputs = self.run")
        wait_until(lambda: "jmpd-stop" in row(pane.frames.source, "outputs = self.run")[1], "the mark")
        press(pane.controls.widget, "Abandon")
        opened.wait_for("Abandoned")
        opened.start()
        opened.evaluate("6 * 7")
        opened.wait_for("42")
    finally:
        held.set()


def test_breakpoints_are_added_disabled_conditioned_and_removed(opened: Opened) -> None:
    pane = opened.pane
    opened.start()
    pick(pane.frames.source, "outputs = self.run")
    wait_until(lambda: "jmpd-stop" in row(pane.frames.source, "outputs = self.run")[1], "the mark")
    points = pane.breakpoints
    pick(points.list, "tasks.py")
    press(points.widget, "Disable")
    wait_until(lambda: "jmpd-stop-off" in row(pane.frames.source, "outputs = self.run")[1], "it is disabled")
    press(points.widget, "Enable")
    points.condition.value = "len(inputs) =="
    press(points.widget, "Set condition")
    wait_until(lambda: "is no expression" in pane.notices.text("breakpoints"), "what is wrong with it")
    points.condition.value = "len(inputs) == 17"
    press(points.widget, "Set condition")
    wait_until(lambda: "len(inputs) == 17" in str(points.list.rows), "the condition")
    wait_until(lambda: not pane.notices.text("breakpoints"), "what was wrong is past")
    points.place.value, points.condition.value = "BehavingTask.compute", ""
    press(points.widget, "Add")
    wait_until(lambda: "entry of" in str(points.list.rows), "another one")
    press(points.widget, "Remove")
    wait_until(lambda: "17" not in str(points.list.rows), "it is removed")
    opened.evaluate("self.config.fail_on")
    opened.wait_for("detector = 0")


def test_exceptions_are_chosen_while_it_is_paused(opened: Opened) -> None:
    pane = opened.pane
    press(pane.form.widget, "Start")
    opened.pauses_at("data_id = dict")
    assert pane.breakpoints.exceptions.value == "uncaught"
    pane.breakpoints.exceptions.value = "never"
    opened.wait_for("_debug.breakpoints.exceptions = &#x27;never&#x27;")
    press(pane.controls.widget, "Continue")
    # It does not pause on its way out.
    opened.wait_for("Rerun failed")
    opened.wait_for("ValueError: told to fail")
    pane.breakpoints.exceptions.value = "every"
    press(pane.outcome.widget, "Debug again")
    opened.pauses_at("data_id = dict")
    assert pane.breakpoints.exceptions.value == "every"
    press(pane.controls.widget, "Continue")
    wait_until(lambda: pane._view.is_paused and "ValueError" in pane._view.problem, "the exception")
    # From Python, it is seen here.
    assert pane.bench.session is not None
    pane.bench.session.breakpoints.exceptions = "uncaught"
    wait_until(lambda: pane.breakpoints.exceptions.value == "uncaught", "the change")


def test_configuration_is_changed(opened: Opened) -> None:
    pane = opened.pane
    pane.config._toggle.value = True
    opened.wait_for("fail_on")
    pane.config.text.value = "valeu = 7"
    press(pane.config.widget, "Apply")
    opened.wait_for("The config of measure has no field")
    opened.wait_for("Did you mean")
    pane.config.text.value = "value: 7"
    press(pane.form.widget, "Start")  # not with a text that makes no sense
    opened.wait_for("Line 1 is not of the form field = value")
    assert pane.bench.session is None
    # No Apply is needed: what is typed counts.
    pane.config.text.value = "value = 7\nfail_on = ''"
    press(pane.form.widget, "Start")
    opened.pauses_at("data_id = dict")
    opened.wait_for("Reruns use <code>")
    opened.wait_for("; _quantum.configure(")
    opened.evaluate("self.config.value * 11")
    opened.wait_for("77")
    press(pane.controls.widget, "Continue")
    opened.wait_for("Attempt 1")
    attempt = pane.bench.attempt
    assert attempt is not None
    assert attempt.outputs["measurements"]["value"] == 7
    assert sorted(attempt.config_changes) == ["fail_on", "value"]
    pane.config.text.value = "fail_on = ''"
    press(pane.outcome.widget, "Rerun")
    opened.wait_for("Attempt 2")
    assert pane.bench.attempt is not None
    assert list(pane.bench.attempt.config_changes) == ["fail_on"]
    press(pane.outcome.widget, "Discard")
    wait_until(lambda: not pane.config.text.value, "the text is empty again")


def test_two_quanta_are_debugged_in_one_panel(opened: Opened) -> None:
    pane = opened.pane
    press(pane.form.widget, "Start")
    opened.pauses_at("data_id = dict")
    first = pane.bench.session
    opened.select("detect", visit=2, detector=1)
    opened.wait_for("Selected above: detect")
    press(pane.widget, "Debug the selected one")
    wait_until(lambda: pane._view.name.startswith("detect "), "the other one")
    press(pane.form.widget, "Start")
    wait_until(lambda: pane._view.is_paused, "a pause")
    second = pane.bench.session
    assert first is not None
    assert second is not None
    assert first is not second
    wait_until(lambda: len(pane.open.options) == 2, "both are listed")
    labels = [label for label, _ in pane.open.options]
    assert labels[0].startswith("measure ")
    assert labels[0].endswith(": paused")
    assert labels[1].startswith("detect ")
    pane.open.value = 0
    wait_until(lambda: pane._view.name.startswith("measure "), "the first one again")
    opened.pauses_at("data_id = dict")
    press(pane.controls.widget, "Step over")
    opened.pauses_at("for number in range")
    assert second.pause is not None
    assert second.pause.number == 1  # the other one stands still
    press(pane.controls.widget, "Abandon")
    wait_until(lambda: pane.open.options[0][0].endswith(": abandoned"), "its end is told")
    pane.open.value = 1
    wait_until(lambda: pane._view.is_paused and pane._view.name.startswith("detect "), "the second one")
    press(pane.controls.widget, "Continue")
    opened.wait_for("Attempt 1")


def test_another_quantum_is_selected_meanwhile(opened: Opened) -> None:
    pane = opened.pane
    opened.start()
    opened.select("measure", visit=2, detector=1)
    opened.wait_for("Selected above: measure")
    assert pane._view is not None
    assert pane._view.is_paused
    press(pane.controls.widget, "Abandon")
    opened.wait_for("Abandoned")
    press(pane.widget, "Debug the selected one")
    wait_until(lambda: "visit=2" in pane._view.name, "the other one")
    assert "Selected above" not in opened.text or opened.wait_for("Choose where to pause") is None


def test_a_quantum_is_taken_out_of_a_run_of_workers_and_given_back(make_graph: MakeGraph) -> None:
    run = make_graph().run(register_dataset_types=True, background=True, processes=2)
    run.pause()
    opened = Opened(run, "combine")
    press(opened.pane.form.widget, "Start")
    opened.wait_for("The run goes on without combine(instrument=SmallCam)")
    run.resume()
    wait_until(lambda: run.report.ended == run.report.total - 1, "all others have run")
    assert opened.pane.bench.quantum is not None
    assert opened.pane.bench.quantum.status is QuantumStatus.HELD
    # Closed while paused: nothing hangs, neither the code nor the run.
    opened.panel.close()
    wait_until(lambda: not debug_threads(), "all threads end")
    assert run.wait(60)
    assert run.report.counts[QuantumStatus.SUCCEEDED] == run.report.total


def test_closing_while_paused_leaves_nothing(failed: Run) -> None:
    opened = Opened(failed, "measure", visit=1, detector=0)
    opened.start()
    session = opened.pane.bench.session
    assert session is not None
    opened.panel.close()
    wait_until(lambda: session.state == "abandoned", "its end")
    wait_until(lambda: not debug_threads(), "all threads end")


def test_closing_while_a_start_waits_for_its_quantum_leaves_nothing(make_graph: MakeGraph) -> None:
    reached, gate = threading.Event(), threading.Event()

    def keep_busy(event: Event) -> None:
        if isinstance(event, QuantumStarted) and event.task_label == "detect":
            reached.set()
            assert gate.wait(120)

    run = make_graph().run(register_dataset_types=True, background=True)
    run.pause()
    opened = Opened(run, "detect", visit=3, detector=1)
    run.hooks.add(keep_busy)
    run.resume()
    assert reached.wait(60)
    press(opened.pane.form.widget, "Start")
    wait_until(lambda: run.control._commands, "the quantum is asked for")
    opened.panel.close()
    wait_until(lambda: opened.pane._steering._closed, "the pane is closed")
    gate.set()
    wait_until(lambda: not debug_threads(), "all threads end")
    assert run.wait(60)
    assert run.report.counts == {QuantumStatus.SUCCEEDED: run.report.total}


def test_panes_are_made_for_those_who_debug_only(failed: Run) -> None:
    panel = RunPanel(failed)
    wait_until(lambda: panel._context and panel._context.watched, "the panel knows the run")
    assert not any(isinstance(widget, Picks) for widget in all_in(panel.widget))
    panel.close()

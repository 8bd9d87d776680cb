"""Debugging a quantum in the panel: where it stands, what is there, and how it goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from importlib import resources

import ipywidgets

from jupyter_mpexec.debug.value_text import describe_error
from jupyter_mpexec.display.debug_page import DebugHead, head_html
from jupyter_mpexec.display.html import tag
from jupyter_mpexec.errors import JupyterMpexecError

from .debug_bench import DebugBench
from .debug_benches import DebugBenches
from .debug_breakpoints import DebugBreakpoints
from .debug_config import DebugConfig
from .debug_console import DebugConsole
from .debug_controls import DebugControls
from .debug_form import DebugForm
from .debug_frame import FrameViews
from .debug_notices import DebugNotices
from .debug_outcome import DebugOutcome
from .debug_places import parse_places
from .debug_view import DebugView
from .panel_context import PanelContext
from .panel_html import copyable
from .picks import PANE
from .worker import Worker

__all__ = ["DebugPane"]


class DebugPane:
    """The pane; it is made when somebody first wants to debug.

    Callbacks only leave notes: one thread steers, another one looks, and what is typed is evaluated and drawn on a
    third, so that an expression that takes long keeps nothing else waiting. The panel's clock brings to the page what
    has been seen.

    Parameters
    ----------
    context
        The run.
    """

    def __init__(self, context: PanelContext) -> None:
        self._context = context
        self.benches = DebugBenches(context, self._look_soon)
        self._steering = Worker("mpexec panel debugger", context.on_error)
        self._looking = Worker("mpexec panel debug reader", context.on_error)
        self._evaluating = self._make_evaluating()
        self._lock = threading.Lock()
        self._is_looking = False
        self._view: DebugView | None = None
        self._patches: tuple[str, ...] = ()
        self._stale = False
        self._selected = ("", "")
        self._number = -1
        self.notices = DebugNotices()
        self._head = ipywidgets.HTML("")
        self._line = ipywidgets.HTML("")
        self._filling = False
        self.open = ipywidgets.Dropdown(
            options=[("", 0)],
            description="Open",
            tooltip="Quanta that are being debugged in this panel",
            layout={"width": "auto", "max_width": "520px"},
        )
        self.open.style.description_width = "initial"
        self.open.layout.display = "none"
        self.open.observe(lambda change: None if self._filling else self._turn_to(change["new"]), "value")
        self._instead = ipywidgets.Button(
            description="Debug the selected one", tooltip="Turn to the quantum that is selected above"
        )
        self._instead.on_click(lambda _: self._do_beside("head", self._choose_selected))
        self.form = DebugForm(lambda moments, places: self._act("form", lambda: self._start(moments, places)))
        self.controls = DebugControls(
            lambda verb: self._act("controls", lambda: self._steer(verb)),
            lambda source: self._act("controls", lambda: self.bench.raise_error(source), self._evaluating),
            lambda source: self._act("controls", lambda: self.bench.return_value(source), self._evaluating),
        )
        self.frames = FrameViews(
            self._toggle_line, self._choose_frame, self._show_variable,
            lambda verb: self._act("controls", lambda: self.bench.steer(verb)),
        )  # fmt: skip
        self.console = DebugConsole(self._evaluate, self._watch, lambda do: self._evaluating.do(do))
        self.breakpoints = DebugBreakpoints(
            lambda *what: self._act("breakpoints", lambda: self.bench.change_breakpoint(*what)),
            lambda place, condition: self._act(
                "breakpoints", lambda: self.bench.add_breakpoint(place, condition)
            ),
            lambda mode: self._act("breakpoints", lambda: self.bench.set_exceptions(mode)),
        )
        self.config = DebugConfig(
            lambda: self._act("config", self._configure),
            lambda: self._looking.do(self._offer_fields),
        )
        self.outcome = DebugOutcome(self._end, self._look_soon)
        below = self.notices.below
        self.widget = ipywidgets.VBox(
            [
                ipywidgets.HTML(_stylesheet()),
                self.open,
                self._head,
                *below(self._instead, "head"),
                *below(self.form.widget, "form"),
                *below(self.config.widget, "config"),
                *below(self.controls.widget, "controls"),
                self._line,
                *below(self.outcome.widget, "outcome"),
                *below(self.frames.widget, "frames"),
                *below(self.console.widget, "console"),
                *below(self.breakpoints.widget, "breakpoints"),
            ]
        )
        self.widget.add_class(PANE)
        self.form.places.observe(lambda _: self._look_soon(), "value")

    @property
    def bench(self) -> DebugBench:
        """The quantum that is looked at."""
        return self.benches.current

    # Callbacks: they leave notes.

    def _act(self, place: str, do: Callable[[], str], worker: Worker | None = None) -> None:
        def act() -> None:
            if line := do():
                self._line.value = copyable(line)

        self._do_beside(place, act, worker)

    def _do_beside(self, place: str, do: Callable[[], object], worker: Worker | None = None) -> None:
        """Do something on the thread that steers, or on another; what goes wrong is said at a place of the pane."""

        def act() -> None:
            with self.notices.beside(place):
                do()

        (worker or self._steering).do(act)

    def _toggle_line(self, file: str, line: int) -> None:
        view = self._view
        if view is None or view.state == "chosen":
            self._steering.do(lambda: self.form.toggle(file, line))
        else:
            self._act("frames", lambda: self.bench.toggle_line(file, line))

    def _choose_frame(self, index: int) -> None:
        self.bench.frame = index
        self._look_soon()

    def _show_variable(self, name: str) -> None:
        view = self._view
        if view is not None and view.is_paused:
            self.console.source.value = name
            self._evaluate(name)

    def _evaluate(self, source: str) -> None:
        def evaluate() -> None:
            try:
                value, line = self.bench.evaluate(source)
            except Exception as error:
                # What is typed here is the reader's own.
                text = describe_error(error)
                self.console.say(str(tag("p", text, class_="jmpx-p jmpx-problem", role="alert")))
                return
            self._line.value = copyable(line)
            self.console.show(source.strip(), value)

        if source.strip():
            self._evaluating.do(evaluate)

    def _watch(self, source: str) -> None:
        if source:
            self._act("console", lambda: self.bench.watch(source))

    def _end(self, what: str) -> None:
        ends: dict[str, Callable[[], str]] = {
            "rerun": lambda: self._configured(self.bench.rerun),
            "restart": lambda: self._steer("restart"),
            "promote": self.bench.promote,
            "discard": self.bench.discard,
        }
        self._act("outcome", ends[what])

    # On the thread that steers.

    def select(self, quantum_id: str, name: str) -> None:
        """Turn to a quantum, unless another one is being worked on."""
        self._selected = quantum_id, name
        if not self.bench.quantum_id or (self.bench.session is None and self.bench.quantum_id != quantum_id):
            self._do_beside("head", self._choose_selected)
        else:
            self._look_soon()

    def _choose_selected(self) -> None:
        self.benches.choose(*self._selected)
        self._begin_anew()

    def _turn_to(self, index: int) -> None:
        def turn() -> None:
            self.benches.turn_to(index)
            self._begin_anew()

        self._do_beside("head", turn)

    def _begin_anew(self) -> None:
        self.console.forget()
        self.notices.clear()
        self._line.value = ""

    def _start(self, moments: Sequence[str], places: str) -> str:
        return self._configured(lambda: self.bench.start(moments, parse_places(places)))

    def _steer(self, verb: str) -> str:
        if verb in ("abandon", "restart"):
            # What is still being evaluated may never end, and is not to keep waiting what is typed later.
            self._evaluating.close()
            self._evaluating = self._make_evaluating()
        if verb == "restart":
            return self._configured(lambda: self.bench.steer(verb))
        return self.bench.steer(verb)

    def _make_evaluating(self) -> Worker:
        return Worker("mpexec panel debug console", self._context.on_error)

    def _configure(self) -> str:
        try:
            line = self.bench.configure(self.config.values())
        except JupyterMpexecError as error:
            self.config.refused(error)
            return ""
        self.config.applied()
        return line

    def _configured(self, do: Callable[[], str]) -> str:
        """Do something once the configuration is as it is typed; not at all if there is something wrong with it."""
        if not self.config.is_changed:
            return do()
        line = self._configure()
        return f"{line}; {do()}" if line else ""

    def close(self) -> None:
        """Abandon what is under way; called when the panel is closed."""
        self.benches.abandon()
        # And what is about to start, as soon as the run gives the quantum.
        self._steering.do(self.benches.abandon)
        self._steering.do(self.benches.give_back)
        self._steering.close()
        self._looking.close()
        self._evaluating.close()

    # On the thread that looks.

    def _offer_fields(self) -> None:
        with self.notices.beside("config"):
            self.config.offer(self.bench.fields())

    def _look_soon(self) -> None:
        """Look again, on the thread for that; may be called from any thread."""
        with self._lock:
            if self._is_looking:
                return
            self._is_looking = True
        self._looking.do(self._look)

    def _look(self) -> None:
        with self._lock:
            # What changes from now on is for the next look.
            self._is_looking = False
        bench = self.bench
        view = bench.look()
        self._view, self._stale = view, True
        opened, attempt = bench.quantum, bench.attempt
        if opened is None or attempt is None or view.is_live:
            self.outcome.clear()
        else:
            self.outcome.show(opened, attempt)
        self._context.wake()

    # On the thread of the clock.

    def is_due(self) -> bool:
        """Tell whether there is news."""
        opened = self.bench.quantum
        # Patches are made in cells, which tell nobody.
        patches = tuple(patch.name for patch in opened.patches) if opened is not None else ()
        if patches != self._patches:
            self._patches = patches
            self._look_soon()
        return self._stale

    def update(self) -> int:
        """Show the news; returns how many messages that took, about."""
        view = self._view
        self._stale = False
        if view is None:
            return 1
        other = self._selected[1] if self._selected[0] != view.quantum_id else ""
        self._head.value = head_html(_head(view, other))
        self._instead.layout.display = "" if other else "none"
        self._list_open()
        self.config.show(view)
        self.form.widget.layout.display = "" if view.state in ("chosen", "abandoned") else "none"
        self.controls.show(view)
        self.console.offer(view.is_paused)
        if view.is_paused and view.number != self._number:
            self._number = view.number
            self.console.forget()
        self.breakpoints.widget.layout.display = "none" if view.state == "chosen" else ""
        self.breakpoints.show(view.breakpoints, view.exceptions)
        if view.state != "running":
            # While it runs, the last frame stays: most steps are over before anybody could read something else.
            chosen = view.summary is not None and view.state == "chosen"
            lines = self.form.lines_in(view.summary.file) if chosen and view.summary is not None else set()
            self.frames.show(view, lines)
        return 2

    def _list_open(self) -> None:
        labels, current = self.benches.labels()
        options = tuple((label, index) for index, label in enumerate(labels))
        self.open.layout.display = "" if len(labels) > 1 else "none"
        if (self.open.options, self.open.value) != (options, current):
            self._filling = True
            with self.open.hold_sync():
                self.open.options, self.open.value = options, current
            self._filling = False


def _head(view: DebugView, other: str) -> DebugHead:
    place = None
    if view.summary is not None:
        place = view.summary.function, view.summary.file, view.summary.line
    return DebugHead(
        name=view.name,
        state=view.state,
        reason=view.reason,
        place=place,
        problem=view.problem,
        past=view.past,
        returned=view.returned,
        patches=view.patches,
        config=view.config,
        notices=view.notices,
        other=other,
    )


def _stylesheet() -> str:
    text = resources.files(__package__).joinpath("css", "debug.css").read_text(encoding="utf-8")
    return f"<style>{text}</style>"

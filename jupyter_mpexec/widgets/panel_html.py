"""Pieces of HTML that the panel is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from jupyter_mpexec.display import formats
from jupyter_mpexec.display.html import Html, badge, bar, count_badges, join, tag
from jupyter_mpexec.display.stylesheet import page_stylesheet
from jupyter_mpexec.errors import JupyterMpexecError
from jupyter_mpexec.status import QuantumStatus, RunState

__all__ = ["HeaderView", "copyable", "error_html", "header_html", "panel_stylesheet"]

_LONGEST_LINE = 240

_COPY = "navigator.clipboard.writeText(this.dataset.text);this.textContent='Copied'"


@dataclass(frozen=True, kw_only=True)
class HeaderView:
    """What the header of a panel says.

    Parameters
    ----------
    state, error, hint
        State of the run, why it failed or stopped, and what to do then.
    output
        Output collection.
    counts
        Number of quanta by state.
    elapsed, remaining
        Seconds; None where nothing is known.
    busy, processes
        Workers at work, and workers there are.
    """

    state: RunState
    error: str
    hint: str
    output: str
    counts: Mapping[QuantumStatus, int]
    elapsed: float
    remaining: float | None
    busy: int
    processes: int


def panel_stylesheet() -> Html:
    """Return the style element of a panel."""
    own = resources.files(__package__).joinpath("css", "panel.css").read_text(encoding="utf-8")
    return Html(f"<style>{page_stylesheet()}{own}</style>")


def header_html(view: HeaderView) -> str:
    """Write the header: state, progress, counts, times."""
    total = sum(view.counts.values())
    ended = sum(n for status, n in view.counts.items() if status.is_final)
    percent = f"{int(100 * ended / total)} %" if total else ""
    done = f"{formats.number(ended)} of {formats.plural(total, 'quantum', 'quanta')}" if total else ""
    top = [tag("span", badge(view.state), class_="jmpx-run-state"), tag("strong", done), tag("span", percent)]
    facts = [_fact("elapsed", formats.duration(view.elapsed))]
    if view.remaining is not None:
        facts.append(_fact("left", f"about {formats.duration(view.remaining)}"))
    if not view.state.is_final and view.processes:
        facts.append(_fact("workers", f"{view.busy} of {view.processes} busy"))
    facts.append(_fact("output", tag("code", view.output)))
    parts = [
        tag("div", *top, class_="jmpx-top"),
        bar(view.counts, view.state) if total else "",
        count_badges(view.counts, view.state),
        tag("div", join(facts, " "), class_="jmpx-facts"),
    ]
    if view.error:
        hint = [" ", tag("span", view.hint, class_="jmpx-muted")] if view.hint else []
        parts.append(tag("p", _trimmed(view.error), *hint, class_="jmpx-p jmpx-problem"))
    return str(tag("div", *parts, class_="jmpx-header", role="status", aria_live="off"))


def _fact(name: str, value: object) -> Html:
    return tag("span", tag("span", name, class_="jmpx-muted"), " ", value, class_="jmpx-fact")


def copyable(text: str, *, label: str = "The same in code") -> str:
    """Write a line of code that is selected with one click, with a button that copies it.

    Only the beginning of a very long one is shown; the button copies all of it.
    """
    if not text:
        return ""
    shown = formats.shorten(text, _LONGEST_LINE)
    button = tag(
        "button",
        "Copy",
        type="button",
        class_="jmpx-copy",
        data_text=text,
        onclick=_COPY,
        aria_label=f"Copy: {shown}",
    )
    return str(
        tag("div", tag("span", label, class_="jmpx-muted"), tag("code", shown), button, class_="jmpx-line")
    )


def error_html(error: Exception) -> str:
    """Write an error for a reader: what went wrong, and what to do."""
    if isinstance(error, JupyterMpexecError):
        message, hint = error.message, error.hint
    else:
        message, hint = f"{type(error).__name__}: {error}", ""
    return str(
        tag(
            "div",
            tag("strong", "✗ "),
            _trimmed(message),
            " ",
            hint,
            class_="jmpx-p jmpx-problem",
            role="alert",
        )
    )


def _trimmed(message: str) -> str:
    # A task may put a whole table into the message of its exception.
    return formats.trim_lines(message, lines=60, characters=8000)

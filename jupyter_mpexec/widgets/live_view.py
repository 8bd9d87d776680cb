"""What the live views have in common: one script, and state that travels as differences.

The browser must not miss anything, although differences that are sent before a view is on the page are lost, and
although the kernel hears nothing from the browser while a cell blocks it. So, as in a video, there are *keyframes*, a
trait with the whole state, and *differences*, small messages. Each difference has a number. A view that appears, or
that finds a number missing, asks for a keyframe; as long as no view has been heard, keyframes are also sent unasked,
now and then.
"""

from __future__ import annotations

import threading
import time
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import anywidget
import traitlets

from . import assets

__all__ = ["LiveView"]

KEYFRAME_PACE = 2.0
"""Seconds between two keyframes that nobody asked for, at least."""

KEYFRAME_RATE = 50_000.0
"""Bytes per second that unasked keyframes take, at most."""


class LiveView(anywidget.AnyWidget):
    """Base of the views that are drawn in the browser.

    Methods may be called from any thread. Nothing is batched here: each call sends one message at once, so callers
    gather changes and call a few times a second.

    Parameters
    ----------
    label
        What the view shows, for people who do not see it.
    height
        Height in CSS pixels.
    describe
        Given the index of a quantum or cell that the pointer rests on, returns lines for its tooltip. It is asked
        only when the pointer rests, and the tooltip does not wait for it.

    Raises
    ------
    MissingViewsError
        Raised if the script of the views was not built when the package was installed.
    """

    _kind: ClassVar[str] = ""

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    _view_kind = traitlets.Unicode().tag(sync=True)
    _frame = traitlets.Dict().tag(sync=True)
    label = traitlets.Unicode(help="What the view shows, in a few words.").tag(sync=True)
    height = traitlets.Int(help="Height in CSS pixels.").tag(sync=True)

    def __init__(
        self, *, label: str, height: int, describe: Callable[[int], str] | None = None, **traits: Any
    ) -> None:
        self._lock = threading.RLock()
        self._sequence = 0
        self._heard = False
        self._sights: dict[str, bool] | None = None
        self._next_frame = 0.0
        self.describe = describe
        super().__init__(
            _esm=assets.script(),
            _css=assets.stylesheet(),
            _view_kind=self._kind,
            label=label,
            height=height,
            **traits,
        )
        self.on_msg(self._hear)

    def keyframe(self) -> None:
        """Send the whole state, so that every view is right from here on.

        Views ask for it themselves; call it when a run ends while a cell blocks the kernel.
        """
        with self._lock:
            frame = {**self._whole(), "sequence": self._sequence}
            self._frame = frame
            size = sum(len(value) for value in frame.values() if isinstance(value, bytes | str | dict))
            self._next_frame = time.monotonic() + max(KEYFRAME_PACE, size / KEYFRAME_RATE)

    @property
    def is_seen(self) -> bool:
        """Whether it is on a page that somebody may see; true as long as no page has said anything."""
        return self._sights is None or any(self._sights.values())

    @abstractmethod
    def _whole(self) -> dict[str, Any]:
        """Return the whole state that changes: JSON values and bytes by name."""

    def _publish(self, content: Mapping[str, Any], buffers: Sequence[bytes] = ()) -> None:
        """Send a difference; the lock is held, and the own state has it already."""
        self._sequence += 1
        self.send({"kind": "delta", "sequence": self._sequence, **content}, list(buffers))
        if not self._heard and time.monotonic() >= self._next_frame:
            self.keyframe()

    def _hear(self, _widget: object, content: Any, _buffers: object) -> None:
        kind = content.get("kind") if isinstance(content, dict) else None
        if kind == "hello":
            with self._lock:
                self._heard = True
                self.keyframe()
        elif kind == "deaf":
            # What was sent so far was refused, and the page has mended that.
            with self._lock:
                self.keyframe()
                self.send_state()
        elif kind == "sight":
            self._sights = {**(self._sights or {}), str(content["view"]): bool(content["seen"])}
        elif kind == "describe" and self.describe is not None:
            index = int(content["index"])
            self.send({"kind": "described", "index": index, "text": self.describe(index)})

    def _plain_text(self) -> str:
        return self.label

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Show the view; front ends without widgets get one line of text."""
        shown = super()._repr_mimebundle_(**kwargs)
        if shown is not None:
            shown[0]["text/plain"] = self._plain_text()
        return shown

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._plain_text()}>"

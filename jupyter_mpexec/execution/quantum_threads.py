"""Keeping the logs of quanta apart that run in one process at the same time, each on a thread of its own."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

__all__ = ["own_records"]

_busy: Counter[int] = Counter()
_lock = threading.Lock()


@contextlib.contextmanager
def own_records(capture: contextlib.AbstractContextManager[Any]) -> Iterator[Any]:
    """Have a context that collects log records collect none that belong to another quantum.

    Records from threads that run no quantum are left in: the task may have started them.

    Parameters
    ----------
    capture
        Adds handlers to the root logger; all that are logged there, on whichever thread, would reach them.
    """
    root, me = logging.getLogger(), threading.get_ident()
    with _lock:
        _busy[me] += 1
    try:
        before = set(root.handlers)
        with capture as value:
            for handler in set(root.handlers) - before:
                handler.addFilter(lambda record: record.thread == me or not _busy[record.thread or 0])
            yield value
    finally:
        with _lock:
            _busy[me] -= 1
            if not _busy[me]:
                del _busy[me]

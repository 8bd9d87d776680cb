"""How long a database waits for a lock that somebody else holds.

The middleware's own answers (five minutes with SQLite, forever with PostgreSQL) are right for a program that has
nothing else to do. They cannot be broken off either, not even by Ctrl-C.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import sqlalchemy
from lsst.daf.butler import Butler

from .middleware import registry_engine

__all__ = ["is_locked", "lock_patience"]


@contextlib.contextmanager
def lock_patience(butler: Butler, seconds: float) -> Iterator[None]:
    """Within this context, have a butler's database give up a lock after some seconds.

    Parameters
    ----------
    butler
        The butler; not in the middle of a transaction.
    seconds
        How long to wait; then `sqlalchemy.exc.OperationalError` is raised.
    """
    engine = registry_engine(butler)
    if engine is None:
        yield
        return
    listeners = _LISTENERS.get(engine.dialect.name, _no_listeners)(round(seconds * 1000))
    for name, listener in listeners.items():
        # Before that of the middleware, which takes the lock.
        sqlalchemy.event.listen(engine, name, listener, insert=True)
    try:
        yield
    finally:
        for name, listener in listeners.items():
            sqlalchemy.event.remove(engine, name, listener)


def is_locked(error: sqlalchemy.exc.OperationalError) -> bool:
    """Tell whether an error may go away by waiting: the registry is locked, or out of reach."""
    # Only SQLite has such a name; with a server, anything may pass.
    name: str = getattr(error.orig, "sqlite_errorname", "SQLITE_BUSY")
    return name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _sqlite_listeners(milliseconds: int) -> dict[str, Any]:
    before: dict[int, int] = {}

    def shorten(connection: Any, record: Any, proxy: Any) -> None:
        [before[id(connection)]] = connection.execute("PRAGMA busy_timeout").fetchone()
        connection.execute(f"PRAGMA busy_timeout = {milliseconds}")

    def restore(connection: Any, record: Any) -> None:
        if connection is not None and id(connection) in before:
            connection.execute(f"PRAGMA busy_timeout = {before.pop(id(connection))}")

    return {"checkout": shorten, "checkin": restore}


def _postgresql_listeners(milliseconds: int) -> dict[str, Any]:
    def shorten(connection: Any) -> None:
        # For this transaction only: others may get the same connection next.
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")

    return {"begin": shorten}


def _no_listeners(milliseconds: int) -> dict[str, Any]:
    return {}


_LISTENERS = {"sqlite": _sqlite_listeners, "postgresql": _postgresql_listeners}

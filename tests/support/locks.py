"""Lock the registry of a repository from another process, as a backup or a stuck client does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

_HOLD = """
import sys
import sqlalchemy
from lsst.daf.butler import ButlerConfig

config = ButlerConfig(sys.argv[1])["registry"]
url, namespace = config["db"].replace("<butlerRoot>", sys.argv[1]), config.get("namespace")
engine = sqlalchemy.create_engine(url)
with engine.connect() as connection:
    if namespace is None:
        connection.connection.isolation_level = None
        connection.exec_driver_sql("BEGIN EXCLUSIVE")
    else:
        tables = sqlalchemy.inspect(connection).get_table_names(schema=namespace)
        names = ", ".join(f'{namespace}."{table}"' for table in tables)
        connection.exec_driver_sql(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
    print("locked", flush=True)
    sys.stdin.read()
    connection.rollback()
"""


class RegistryLock:
    """Holds all of a registry, so that nobody else can even read, from `acquire` to `release`."""

    def __init__(self, repository: Path) -> None:
        self._repository = repository
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    @property
    def is_held(self) -> bool:
        return self._process is not None

    def acquire(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _HOLD, self._repository],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "locked\n"

    def release(self) -> None:
        if self._process is not None:
            self._process.communicate()
            assert self._process.returncode == 0
            self._process = None

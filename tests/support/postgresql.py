"""A PostgreSQL server of one's own: in a temporary folder, reached by a socket there, gone when its context ends."""

from __future__ import annotations

import contextlib
import getpass
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from lsst.daf.butler import Config

from .repository import make_repository

NAMESPACE = "small_survey"
_USER = "tester"
_SECONDS = 60.0

# The server ends when standard input does, and its folder goes: also if this process is killed, and can do nothing.
_KEEPER = """
"$@" >server.log 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -INT $server
wait $server
cd / && rm -rf "$0"
"""


class PostgreSQLMissingError(Exception):
    """There is no PostgreSQL to start; says why."""


class PostgreSQLServer:
    """A server that runs while it is the context.

    Raises
    ------
    PostgreSQLMissingError
        Raised if there is none on this machine.
    """

    def __init__(self) -> None:
        self._programs = _find_programs()
        self._account = _find_account()
        # Not where pytest has its folders: the socket needs a short path, and another user a way to it.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        if self._account is not None:
            os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> PostgreSQLServer:
        try:
            words = ["-D", "data", "-U", _USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
            subprocess.run(
                [self._programs / "initdb", *words], check=True, capture_output=True, **self._how()
            )
            settings = {"listen_addresses": "", "unix_socket_directories": self.folder, "fsync": "off"}
            words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _KEEPER, self.folder, self._programs / "postgres", "-D", "data", *words],
                stdin=subprocess.PIPE,
                start_new_session=True,
                **self._how(),
            )
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server, and remove its files."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """URL of a database, as SQLAlchemy takes it."""
        return f"postgresql+psycopg2://{_USER}@/{database}?host={self.folder}"

    def create_database(self, name: str, template: str = "template1") -> None:
        """Make a database: a copy of another one, which nobody may be connected to."""
        self.execute("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def execute(self, database: str, statement: str) -> None:
        """Execute a statement on its own."""
        with contextlib.closing(self.connect(database)) as connection:
            connection.autocommit = True
            connection.cursor().execute(statement)

    def connect(self, database: str) -> Any:
        """Connect to a database."""
        import psycopg2

        return psycopg2.connect(host=str(self.folder), user=_USER, dbname=database)

    def _wait_until_ready(self) -> None:
        import psycopg2

        assert self._process is not None
        deadline = time.monotonic() + _SECONDS
        while True:
            try:
                self.connect("postgres").close()
                return
            except psycopg2.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    log = (self.folder / "server.log").read_text(errors="replace")
                    raise RuntimeError(f"PostgreSQL does not start:\n{log}") from None
                time.sleep(0.05)

    def _how(self) -> dict[str, Any]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        how: dict[str, Any] = {"cwd": self.folder, "env": {**environment, "LC_ALL": "C"}}
        if self._account is not None:
            how.update(user=self._account.pw_uid, group=self._account.pw_gid, extra_groups=[])
        return how


class PostgreSQLRepositories:
    """Copies of the small repository, each with a database of its own.

    Parameters
    ----------
    server
        Where the databases are.
    folder
        Where the template is made.
    """

    def __init__(self, server: PostgreSQLServer, folder: Path) -> None:
        self.server = server
        server.create_database("template")
        server.execute("template", "CREATE EXTENSION btree_gist")
        config = Config()
        config["registry", "db"] = server.url("template")
        config["registry", "namespace"] = NAMESPACE
        self._template = make_repository(folder / "repo", config=config)

    @contextlib.contextmanager
    def copy(self, root: Path) -> Iterator[Path]:
        """Make a copy; its database is gone afterwards, and whoever is still connected is thrown out."""
        name = f"copy_{secrets.token_hex(4)}"
        self.server.create_database(name, "template")
        try:
            shutil.copytree(self._template, root)
            file = root / "butler.yaml"
            config = yaml.safe_load(file.read_text())
            config["registry"]["db"] = self.server.url(name)
            file.write_text(yaml.safe_dump(config))
            yield root
        finally:
            self.server.execute("postgres", f'DROP DATABASE "{name}" WITH (FORCE)')


def _find_programs() -> Path:
    """Folder of ``initdb`` and ``postgres``; Debian does not put them on the path."""
    try:
        import psycopg2  # noqa: F401  # to tell before the server is started
    except ImportError:
        raise PostgreSQLMissingError("psycopg2 is not installed: pip install psycopg2-binary") from None
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parts[-2]))
    on_path = shutil.which("initdb")
    if on_path is not None:
        folders.append(Path(on_path).resolve().parent)
    for folder in reversed(folders):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise PostgreSQLMissingError("PostgreSQL is not installed (on Debian: apt-get install postgresql)")


def _find_account() -> pwd.struct_passwd | None:
    """Whom the server is to run as: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise PostgreSQLMissingError(
        f"PostgreSQL does not run as {getpass.getuser()}, and there is no other user"
    )

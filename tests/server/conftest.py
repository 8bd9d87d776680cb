"""A real Jupyter server below a base URL, with the extension, and people who ask it over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from jupyter_mpexec.demo import DemoRepository, make_repository

pytest.importorskip("jupyter_server", reason="jupyter_server is not installed")

ROOT = Path(__file__).parents[2]
BASE = "/hub/user/somebody/"


@dataclass
class Answer:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Server:
    root: Path
    runs: Path
    modules: Path
    port: int
    token: str
    pid: int
    environment: dict[str, str]

    def ask(
        self,
        address: str,
        *,
        method: str = "GET",
        body: Any = None,
        token: str | None = "",
        headers: dict[str, str] | None = None,
        raw: bool = False,
        **query: Any,
    ) -> Answer:
        """Ask below ``mpexec/``; with the token of the server, unless another one (or None) is given."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        sent = {"Content-Type": "application/json", **(headers or {})}
        if token is not None:
            sent["Authorization"] = f"token {token or self.token}"
        place = address if raw else BASE + "mpexec/" + quote(address, safe="/%")
        if query:
            place += "?" + urlencode(query)
        try:
            connection.request(method, place, None if body is None else json.dumps(body), sent)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        try:
            content = json.loads(text)
        except ValueError:
            content = text
        return Answer(response.status, content, {k.lower(): v for k, v in response.getheaders()})


@pytest.fixture(scope="session")
def survey(tmp_path_factory: pytest.TempPathFactory) -> DemoRepository:
    return make_repository(tmp_path_factory.mktemp("survey") / "survey", size="small")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    place = tmp_path_factory.mktemp("server")
    root, home, modules = place / "root", place / "home", place / "modules"
    root.mkdir()
    modules.mkdir()
    environment = {
        **os.environ,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTER_MPEXEC_DATA": str(home / "mpexec"),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{modules}",
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    token = secrets.token_hex(8)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with (place / "server.log").open("w") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-P", "-m", "jupyter_server", "--no-browser", "--allow-root"),
                *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.base_url={BASE}"),
                *(f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={root}"),
                "--ServerApp.jpserver_extensions={'jupyter_mpexec': True}",
            ],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        started = Server(root, home / "mpexec" / "runs", modules, port, token, process.pid, environment)
        try:
            _wait_for(started, process)
            yield started
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    for _ in range(400):
        assert process.poll() is None, "The server did not start; see server.log."
        try:
            if server.ask("runs").status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError("The server did not answer.")


@pytest.fixture(scope="session")
def graph_file(survey: DemoRepository, server: Server) -> Path:
    """The quantum graph of the survey, in the folder that the server shows."""
    file = server.root / "survey.qg"
    subprocess.run(
        [
            *(sys.executable, "-P", "-m", "jupyter_mpexec", "qgraph", "-b", str(survey.root)),
            *("-p", str(survey.pipeline), "-i", str(survey.inputs), "-o", "u/me/graph", "-q", str(file)),
        ],
        env=server.environment,
        check=True,
        capture_output=True,
    )
    return file


@pytest.fixture
def pipeline_file(survey: DemoRepository, server: Server) -> Path:
    return Path(shutil.copy(survey.pipeline, server.root / "pipeline.yaml"))

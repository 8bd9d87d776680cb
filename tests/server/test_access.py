"""Who is answered, and what cannot be asked for, whoever asks."""

from __future__ import annotations

import subprocess
import sys
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from jupyter_mpexec.execution.journal import Journal
from jupyter_mpexec.server.routes import ROUTES

from .conftest import BASE, Server

NAME = "u-me-x-20260101T000000-abcdef"
REQUESTS = [
    ("GET", "runs"),
    ("GET", f"runs/{NAME}"),
    ("DELETE", f"runs/{NAME}"),
    ("GET", f"runs/{NAME}/report"),
    ("POST", f"runs/{NAME}/stop"),
    ("POST", f"runs/{NAME}/resume"),
    ("GET", "graph?path=survey.qg"),
    ("POST", "graph/prepare"),
    ("GET", "graph/quanta?path=survey.qg"),
    ("GET", "graph/quantum?path=survey.qg&id=1"),
    ("POST", "pipeline"),
    ("GET", "options"),
]
OUTSIDE = [
    "../secret.qg",
    "../../secret.qg",
    "a/../../secret.qg",
    "/etc/passwd",
    "//etc/passwd",
    "..%2fsecret.qg",
    "%2e%2e/secret.qg",
    "..\\secret.qg",
    "./survey.qg",
    "folder/./../../secret.qg",
    "link.qg",
    "linked/secret.qg",
    "secret.qg\0.qg",
    "~/secret.qg",
    "file:///etc/passwd",
    "",
    "x" * 5000,
    "loop.qg",
]


@pytest.fixture
def a_run(server: Server) -> Path:
    folder = server.runs / NAME
    Journal(folder)._make_ready()
    return folder


def test_every_route_is_tried():
    tried = {address.partition("?")[0].replace(NAME, r"([^/]+)") for _, address in REQUESTS}
    assert tried == {address for address, _ in ROUTES}


@pytest.mark.parametrize(("method", "address"), REQUESTS)
@pytest.mark.parametrize("token", [None, "wrong"])
def test_only_who_has_the_token_is_answered(server, a_run, method, address, token):
    answer = server.ask(BASE + "mpexec/" + address, raw=True, method=method, token=token)
    assert answer.status == 403
    assert "runs" not in answer.body
    assert a_run.is_dir()


def log_in(server: Server) -> dict[str, str]:
    """Get the cookies of somebody who has opened JupyterLab in his browser."""
    answer = server.ask(BASE + f"login?token={server.token}", raw=True, token=None)
    cookies = SimpleCookie(answer.headers.get("set-cookie", ""))
    answer = server.ask(BASE + f"?token={server.token}", raw=True, token=None)
    cookies.load(answer.headers.get("set-cookie", ""))
    return {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())}


@pytest.mark.parametrize(("method", "address"), REQUESTS)
def test_pages_of_others_are_not_answered(server, a_run, method, address):
    headers = {**log_in(server), "Origin": "https://evil.example", "Referer": "https://evil.example/"}
    answer = server.ask(BASE + "mpexec/" + address, raw=True, method=method, token=None, headers=headers)
    assert answer.status in (403, 404)
    assert "runs" not in answer.body
    assert "access-control-allow-origin" not in answer.headers
    assert a_run.is_dir()


@pytest.mark.parametrize(("method", "address"), [each for each in REQUESTS if each[0] != "GET"])
def test_a_cookie_alone_changes_nothing(server, a_run, method, address):
    headers = log_in(server)
    assert server.ask("runs", token=None, headers=headers).status == 200
    answer = server.ask(BASE + "mpexec/" + address, raw=True, method=method, token=None, headers=headers)
    assert answer.status == 403
    assert a_run.is_dir()


@pytest.mark.parametrize("path", OUTSIDE)
def test_files_elsewhere_are_refused(server, graph_file, path):
    secret = server.root.parent / "secret.qg"
    secret.write_bytes(graph_file.read_bytes())
    for link, target in (("link.qg", secret), ("linked", secret.parent), ("loop.qg", "loop.qg")):
        if not (server.root / link).is_symlink():
            (server.root / link).symlink_to(target)
    answer = server.ask("graph", path=path)
    assert answer.status == 404
    assert "There is no file" in answer.body["message"]
    assert ("A link leads out" in answer.body["hint"]) == (path in ("link.qg", "linked/secret.qg"))
    assert server.ask("pipeline", method="POST", body={"path": path, "text": "tasks: {}"}).status == 404


def test_a_link_inside_of_the_folder_is_followed(server, graph_file):
    link = server.root / "near.qg"
    if not link.is_symlink():
        link.symlink_to(graph_file)
    assert server.ask("graph", path="near.qg").body["total"] == 56


@pytest.mark.parametrize(
    "name", ["..", "../..", "%2e%2e", "..%2f..", ".", "a%2fb", "x" * 300, "%00", "linked"]
)
@pytest.mark.parametrize(
    ("method", "more"), [("GET", ""), ("DELETE", ""), ("POST", "/stop"), ("GET", "/report")]
)
def test_only_runs_are_runs(server, a_run, name, method, more):
    outside = server.runs.parent / "outside"
    outside.mkdir(exist_ok=True)
    if not (server.runs / "linked").is_symlink():
        (server.runs / "linked").symlink_to(outside)
    answer = server.ask(f"{BASE}mpexec/runs/{name}{more}", raw=True, method=method)
    assert answer.status in (403, 404, 405)
    assert outside.is_dir()
    assert a_run.is_dir()


def test_a_graph_of_a_run_is_named_like_a_run(server, a_run):
    assert server.ask("graph", run="../../root").status == 404
    (a_run / "graph.qg").unlink(missing_ok=True)
    (a_run / "graph.qg").symlink_to("/etc/passwd")
    assert server.ask("graph", run=NAME).status == 404


@pytest.mark.parametrize("body", ["[]", '"text"', '{"path": 1, "text": 2}', "{", '{"path": "pipeline.yaml"}'])
def test_bodies_that_are_none(server, pipeline_file, body):
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {"Authorization": f"token {server.token}", "Content-Type": "application/json"}
    connection.request("POST", BASE + "mpexec/pipeline", body, headers)
    assert connection.getresponse().status == 400
    connection.close()


def test_large_requests_are_refused(server, pipeline_file):
    body = {"path": "pipeline.yaml", "text": "#" * (5 * 2**20)}
    assert server.ask("pipeline", method="POST", body=body).status == 413


def test_the_server_does_not_load_the_middleware(server):
    program = (
        "import sys, jupyter_mpexec.server.routes; "
        "print([m for m in sys.modules if m.partition('.')[0] in ('lsst', 'astropy', 'numpy', 'IPython')])"
    )
    command = [sys.executable, "-P", "-c", program]
    done = subprocess.run(command, env=server.environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    maps = Path(f"/proc/{server.pid}/maps")
    if maps.exists():
        assert "/lsst/" not in maps.read_text()

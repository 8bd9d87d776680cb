"""The wheel: what is in it, and that it brings the JupyterLab extension along where there is no Node.js."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import tarfile
import time
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jupyter_mpexec import __version__

pytest.importorskip("hatchling")
pytest.importorskip("jupyterlab")

ROOT = Path(__file__).parents[1]
BUILT = ROOT / "jupyter_mpexec" / "labextension" / "package.json"

pytestmark = pytest.mark.skipif(
    not BUILT.is_file() and shutil.which("node") is None,
    reason="the extension is not built, and Node.js is not there",
)


def build(kind: str, place: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(place)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [file] = place.iterdir()
    return file


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


def test_contents(wheel):
    with zipfile.ZipFile(wheel) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
    [about] = [
        name for name in sizes if name.endswith("share/jupyter/labextensions/jupyter-mpexec/package.json")
    ]
    place = about.removesuffix("package.json")
    with zipfile.ZipFile(wheel) as archive:
        described = json.loads(archive.read(about))
    assert described["version"] == __version__
    build_of = described["jupyterlab"]["_build"]
    assert f"{place}{build_of['load']}" in sizes
    assert f"{place}schemas/jupyter-mpexec/plugin.json" in sizes
    assert any(name.endswith("etc/jupyter/jupyter_server_config.d/jupyter_mpexec.json") for name in sizes)
    assert "jupyter_mpexec/widgets/static/run_views.js" in sizes
    assert not any("node_modules" in name or name.endswith((".ts", ".map")) for name in sizes)
    for name in sorted(name for name in sizes if name.startswith(place)):
        print(f"{sizes[name]:>8} {name.removeprefix(place)}")  # noqa: T201  # what the bundles weigh


def test_sdist(tmp_path):
    with tarfile.open(build("sdist", tmp_path)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {
        "jupyter_mpexec/labextension/package.json",
        "jupyter-config/jupyter_mpexec.json",
        "labextension/src/lab/extension.ts",
        "labextension/schema/plugin.json",
        "labextension/package-lock.json",
        "hatch_build.py",
    }
    assert wanted <= names
    assert not any("node_modules" in name for name in names)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with nothing but the wheel; what it depends on is that of the tests."""
    place = tmp_path_factory.mktemp("venv")
    venv.create(place, with_pip=False, symlinks=True)
    python = place / "bin" / "python"
    command = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-deps",
        str(wheel),
    ]
    subprocess.run([*command, "--no-index", "--disable-pip-version-check"], check=True, capture_output=True)
    [packages] = place.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place


@pytest.fixture(scope="module")
def environment(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "JUPYTER"))}
    # No Node.js, whatever this machine has.
    return {**kept, "HOME": str(home), "PATH": str(installed / "bin"), "JUPYTERLAB_DIR": _application()}


def _application() -> str:
    from jupyterlab.commands import get_app_dir

    return str(get_app_dir())


def run(installed: Path, environment: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [str(installed / "bin" / "python"), "-m", *words],
        env=environment,
        cwd=environment["HOME"],
        capture_output=True,
        text=True,
        check=True,
    )
    return re.sub(r"\x1b\[\d*m", "", done.stdout + done.stderr)


def test_jupyter_says_ok(installed, environment):
    assert shutil.which("node", path=environment["PATH"]) is None
    place = run(installed, environment, "jupyterlab.labextensions", "list")
    line = next(line for line in place.splitlines() if "jupyter-mpexec" in line)
    assert "enabled" in line
    assert "OK" in line
    assert str(installed) in place
    extensions = run(installed, environment, "jupyter_server.extension.serverextension", "list")
    after = extensions[extensions.index("jupyter_mpexec enabled") :]
    assert "OK" in after.splitlines()[1] + after.splitlines()[2]


@pytest.fixture
def lab(installed: Path, environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with (tmp_path / "server.log").open("w") as log:
        process = subprocess.Popen(
            [
                *(str(installed / "bin" / "python"), "-m", "jupyterlab", "--no-browser", "--allow-root"),
                *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=wheel"),
                *(f"--ServerApp.root_dir={tmp_path}", "--LabApp.expose_app_in_browser=True"),
            ],
            env=environment,
            cwd=tmp_path,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(600):
                assert process.poll() is None, "JupyterLab did not start; see server.log."
                try:
                    urllib.request.urlopen(f"{address}/api?token=wheel").close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield address
        finally:
            process.terminate()
            process.wait(30)


def test_it_is_active_in_jupyterlab(lab):
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Chromium is not installed")
    # On a thread of its own: other tests keep a browser open, and playwright allows one of its loops a thread.
    with ThreadPoolExecutor(1) as executor:
        executor.submit(_look, playwright, chromium, lab).result()


def _look(playwright, chromium, lab):
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = browser.new_page()
        page.goto(f"{lab}/lab?token=wheel")
        page.wait_for_selector(".jp-Launcher", timeout=120_000)
        page.wait_for_function("() => window.jupyterapp.commands.hasCommand('mpexec:show-runs')")
        page.evaluate("() => window.jupyterapp.commands.execute('mpexec:show-runs')")
        page.get_by_text("No runs yet.").wait_for()
        browser.close()

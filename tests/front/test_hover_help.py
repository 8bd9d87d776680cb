from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyter_client.manager import start_new_kernel

from jupyter_mpexec.front import hover_help
from tests.support.repository import PIPELINE

CELL = f"%%pipetask run\n-p {PIPELINE} --config isr:scale=2\n--processes 2\n--prune-replaced purge"


def at(code: str, word: str) -> str:
    """Ask for help with the cursor inside of a word."""
    return hover_help.explain(code, code.index(word) + 2, {})


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("--processes", "-j, --processes N"),
        ("processes 2", "Number of worker processes"),
        ("--prune", "One of: unstore, purge"),
        ("purge", "--prune-replaced"),
        ("run", "Build or load a quantum graph, and execute it."),
    ],
)
def test_options_and_subcommands(word: str, expected: str) -> None:
    assert expected in at(CELL, word)


def test_tasks_and_fields() -> None:
    line = f"run = %pipetask run -p {PIPELINE} -c {{}} --delete {{}}"
    from jupyter_mpexec import PipelineBuilder
    from jupyter_mpexec.execution.completion import config_fields

    label = PipelineBuilder(PIPELINE).task_labels[0]
    field = next(name for name in config_fields(str(PIPELINE), label) if name != "connections")
    code = line.format(f"{label}:{field}=1", label)
    assert at(code, f"{label}:{field}").startswith(f"{label}:{field} = ")
    assert at(code, f"{label}:{field}").split("\n\n")[1]
    help_of_task = hover_help.explain(code, len(code), {})
    assert help_of_task.startswith(f"Task {label}: ")


def test_collections(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = f"%pipetask run -b {repository} -i {{}} -o u/me/new --output-run=u/me/run"
    code = code.format("SmallCam/defaults,SmallCam/raw")

    def help_at(name: str) -> str:
        return hover_help.explain(code, code.index(name) + len(name) - 1, {})

    chain = help_at("SmallCam/defaults")
    assert chain.startswith("Collection SmallCam/defaults: a chain")
    assert "SmallCam/raw" in chain
    run = help_at("SmallCam/raw")
    assert run.startswith("Collection SmallCam/raw: a run")
    assert "1 dataset type: counts" in run
    # What is not there yet is explained as an option.
    assert "--output COLL" in help_at("u/me/new")
    assert "--output-run" in help_at("u/me/run")

    def wait_for_ever(repo: object, name: str) -> str:
        threading.Event().wait()
        return "too late"

    monkeypatch.setattr("jupyter_mpexec.execution.completion.collection_help", wait_for_ever)
    monkeypatch.setattr(hover_help, "_PATIENCE", 0.2)
    assert "--input" in help_at("SmallCam/defaults")


@pytest.mark.parametrize(
    "code", ["processes = 2", "print('--processes')", "%pipetask", "x\n%timeit --processes"]
)
def test_nothing_to_say(code: str) -> None:
    assert hover_help.explain(code, len(code) - 1, {}) == ""


def test_what_is_elsewhere_is_left_to_the_kernel() -> None:
    class Kernel:
        def do_inspect(self, code: str, cursor_pos: int, detail_level: int = 0) -> dict[str, object]:
            return {"found": "by the kernel", "level": detail_level}

    shell = SimpleNamespace(kernel=Kernel(), user_ns={})
    hover_help.register(shell)
    assert shell.kernel.do_inspect("print", 2, 1) == {"found": "by the kernel", "level": 1}
    assert "--processes" in shell.kernel.do_inspect("%pipetask run --processes", 20)["data"]["text/plain"]
    hover_help.unregister(shell)
    assert shell.kernel.do_inspect("%pipetask run --processes", 20)["found"] == "by the kernel"


@pytest.mark.filterwarnings("ignore")  # of the Jupyter client, which are not ours
def test_in_a_kernel() -> None:
    manager, client = start_new_kernel()
    try:
        client.execute("%load_ext jupyter_mpexec", reply=True, timeout=60)
        code = "%pipetask run --processes 2"
        reply = client.inspect(code, len(code) - 4, reply=True, timeout=60)["content"]
        assert reply["found"]
        assert "Number of worker processes" in reply["data"]["text/plain"]
        assert client.inspect("print", 3, reply=True, timeout=60)["content"]["found"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)

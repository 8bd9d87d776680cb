"""Graph files and pipelines over HTTP; also such as somebody made to do harm."""

from __future__ import annotations

import json
import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from .conftest import Server


def test_summary(server, graph_file):
    answer = server.ask("graph", path=graph_file.name).body
    assert answer["total"] == 56
    assert [task["label"] for task in answer["tasks"]][:2] == ["isr", "detect"]
    assert {task["label"]: task["quanta"] for task in answer["tasks"]}["coadd"] == 3
    assert [name for name, value in answer["facts"] if value.startswith("u/me/graph/")] == ["output run"]
    assert len([node for node in answer["scene"]["nodes"] if node["kind"] == "task"]) == 10


def test_quanta_come_page_by_page(server, graph_file):
    first = server.ask("graph/quanta", path=graph_file.name, task="isr", count=5).body
    second = server.ask("graph/quanta", path=graph_file.name, task="isr", first=5, count=5).body
    assert (first["total"], len(first["rows"]), len(second["rows"])) == (8, 5, 3)
    assert {row["task"] for row in first["rows"]} == {"isr"}
    assert len({row["id"] for row in first["rows"] + second["rows"]}) == 8


def test_search_by_data_id(server, graph_file):
    found = server.ask("graph/quanta", path=graph_file.name, where="visit = 903342").body
    assert found["total"] > 3
    assert all("visit=903342" in row["data_id"] for row in found["rows"])
    wrong = server.ask("graph/quanta", path=graph_file.name, where="visits = 1")
    assert wrong.status == 400
    assert "visits" in wrong.body["message"]
    assert server.ask("graph/quanta", path=graph_file.name, task="isrr").body["hint"].count("isr")


def test_drill_down(server, graph_file):
    row = server.ask("graph/quanta", path=graph_file.name, task="detect", count=1).body["rows"][0]
    quantum = server.ask("graph/quantum", path=graph_file.name, id=row["id"]).body
    assert [each["task"] for each in quantum["needs"]] == ["isr"]
    assert "calibrate" in {each["task"] for each in quantum["feeds"]}
    assert {"input", "output"} == {each["role"] for each in quantum["datasets"]}
    assert server.ask("graph/quantum", path=graph_file.name, id="no-uuid").status == 400


def test_a_file_that_was_written_anew_is_not_taken_for_the_old_one(server, graph_file):
    file = Path(shutil.copy(graph_file, server.root / "anew.qg"))
    stamp = server.ask("graph", path=file.name).body["stamp"]
    [row] = server.ask("graph/quanta", path=file.name, count=1, stamp=stamp).body["rows"]
    assert server.ask("graph/quantum", path=file.name, id=row["id"], stamp=stamp).body["stamp"] == stamp
    # As by the same command, once more.
    Path(shutil.copy(graph_file, server.root / "next.qg")).replace(file)
    for address, question in (("graph/quanta", {}), ("graph/quantum", {"id": row["id"]})):
        answer = server.ask(address, path=file.name, stamp=stamp, **question)
        assert (answer.status, answer.body["message"]) == (409, "The file has been written anew.")
    again = server.ask("graph", path=file.name).body["stamp"]
    assert again != stamp
    assert server.ask("graph/quanta", path=file.name, stamp=again).status == 200


def test_task_classes_are_not_imported(server, graph_file):
    """A graph of classes that are nowhere to be found is shown all the same."""
    file = server.root / "foreign.qg"
    with zipfile.ZipFile(graph_file) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            target.writestr(
                name, _renamed(source.read(name), b"jupyter_mpexec.demo.tasks", b"nowhere_to_be_found_at")
            )
    answer = server.ask("graph", path=file.name).body
    assert answer["tasks"][0]["class"].startswith("nowhere_to_be_found_at")
    assert server.ask("graph/quanta", path=file.name).body["total"] == 56


def _renamed(content: bytes, old: bytes, new: bytes) -> bytes:
    import zstandard

    try:
        text = zstandard.ZstdDecompressor().decompress(content)
    except zstandard.ZstdError:
        return content
    return zstandard.ZstdCompressor().compress(text.replace(old, new))


def _with(graph_file: Path, file: Path, part: str, content: bytes) -> Path:
    """Copy a graph with another content of one part."""
    with zipfile.ZipFile(graph_file) as source, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, content if name.startswith(part) else source.read(name))
    return file


def _hostile(kind: str, graph_file: Path, file: Path) -> Path:
    import zstandard

    pack = zstandard.ZstdCompressor().compress
    match kind:
        case "no zip":
            file.write_bytes(b"MZ" + bytes(5000))
        case "empty":
            file.write_bytes(b"")
        case "cut off":
            file.write_bytes(graph_file.read_bytes()[:-3000])
        case "bad json":
            _with(graph_file, file, "header", pack(b'{"header": '))
        case "json of another kind":
            _with(graph_file, file, "pipeline_graph", pack(b"[" * 100_000))
        case "zip bomb":
            bomb = zstandard.ZstdCompressor(level=1).compressobj()
            piece = bytes(2**24)
            content = b"".join(bomb.compress(piece) for _ in range(200)) + bomb.flush()
            _with(graph_file, file, "pipeline_graph", content)
        case "deflated bomb":
            _with(graph_file, file, "pipeline_graph", bytes(2**29))
    return file


@pytest.mark.parametrize(
    "kind", ["no zip", "empty", "cut off", "bad json", "json of another kind", "zip bomb", "deflated bomb"]
)
def test_hostile_graphs_give_an_error_and_nothing_else(server, graph_file, kind):
    file = _hostile(kind, graph_file, server.root / f"{kind.replace(' ', '-')}.qg")
    answer = server.ask("graph", path=file.name)
    assert answer.status == 400
    assert answer.body["message"]
    assert "Traceback" not in json.dumps(answer.body)
    file.unlink()
    # The server is as well as before.
    assert server.ask("graph", path=graph_file.name).body["total"] == 56


def test_huge_counts_and_scripts_are_only_shown(server, graph_file):
    import zstandard

    with zipfile.ZipFile(graph_file) as source:
        [name] = [name for name in source.namelist() if name.startswith("header")]
        header = json.loads(zstandard.ZstdDecompressor().decompress(source.read(name)))
    header["n_task_quanta"]["isr"] = 10**15
    header["output_run"] = "<script>alert(1)</script>"
    content = zstandard.ZstdCompressor().compress(json.dumps(header).encode())
    file = _with(graph_file, server.root / "huge.qg", "header", content)
    answer = server.ask("graph", path=file.name)
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.body["tasks"][0]["quanta"] == 10**15
    assert ["output run", "<script>alert(1)</script>"] in answer.body["facts"]
    # What is listed is what is there, whatever the header says.
    assert server.ask("graph/quanta", path=file.name, task="isr", count=10**9).body["total"] == 8


def test_old_graphs_are_not_unpickled(server: Server):
    """An old file may hold pickled objects: loading them would execute what they say."""
    import pickle
    import struct

    flag = server.root / "executed"

    class Bad:
        def __reduce__(self):
            return (Path.touch, (flag,))

    content = pickle.dumps(Bad())
    head = b"qgraph4\xf6\xe8\xa9"
    for version in (1, 2):
        packed = struct.pack(">H", version) + struct.pack(">QQ", len(content), 0) + content
        (server.root / "old.qgraph").write_bytes(head + packed)
        answer = server.ask("graph", path="old.qgraph")
        assert answer.status == 400
        assert not flag.exists()


def test_what_reads_a_graph_is_started_in_advance(server, graph_file):
    def readers() -> set[int]:
        children = psutil.Process(server.pid).children(recursive=True)
        return {
            child.pid for child in children if "jupyter_mpexec.execution.reading" in " ".join(child.cmdline())
        }

    before = readers()
    assert server.ask("graph/prepare", method="POST", body={}).status == 200
    assert server.ask("graph/prepare", method="POST", body={}).status == 200
    [prepared] = readers() - before
    copy = shutil.copy(graph_file, server.root / "prepared.qg")
    assert server.ask("graph", path=Path(copy).name).body["total"] == 56
    assert prepared in readers()
    assert not readers() - before - {prepared}


def test_pipeline_as_a_diagram(server, pipeline_file):
    text = pipeline_file.read_text()
    body = {"path": pipeline_file.name, "text": text, "dataset_types": True}
    answer = server.ask("pipeline", method="POST", body=body).body
    assert answer["problem"] is None
    assert len(answer["tasks"]) == 10
    assert any(node["kind"] == "dataset_type" for node in answer["scene"]["nodes"])
    line = answer["lines"]["coadd"]
    assert text.splitlines()[line - 1].strip() == "coadd:"


@pytest.mark.parametrize(
    ("old", "new", "at", "word"),
    [
        ("coadd.CoaddTask", "coadd.KoaddTask", "KoaddTask", "KoaddTask"),
        ("max_extinction: parameters", "max_extinktion: parameters", "max_extinktion", "max_extinktion"),
        ("  warp:\n", "  warp: [\n", "coadd:", "YAML"),
        ("subset: [warp, coadd,", "subset: [warpp, coadd,", "warpp", "warpp"),
    ],
)
def test_errors_have_their_line(server, pipeline_file, old, new, at, word):
    text = pipeline_file.read_text().replace(old, new)
    answer = server.ask("pipeline", method="POST", body={"path": pipeline_file.name, "text": text}).body
    problem = answer["problem"]
    assert word in problem["message"]
    assert at in text.splitlines()[problem["line"] - 1], problem
    assert answer["scene"] is None


def test_a_misspelt_class_is_named_once(server, pipeline_file):
    text = pipeline_file.read_text().replace("warp.WarpTask", "warp.WxarpTask")
    answer = server.ask("pipeline", method="POST", body={"path": pipeline_file.name, "text": text}).body
    assert answer["problem"]["message"] == (
        "The class 'jupyter_mpexec.demo.tasks.warp.WxarpTask' of task 'warp' cannot be imported: "
        "jupyter_mpexec.demo.tasks.warp has no WxarpTask."
    )
    assert answer["problem"]["hint"] == "Did you mean 'WarpTask'?"
    text = text.replace("warp.WxarpTask", "wrap.WarpTask")
    answer = server.ask("pipeline", method="POST", body={"path": pipeline_file.name, "text": text}).body
    assert answer["problem"]["hint"] == "Did you mean 'warp'?"


def test_a_module_beside_the_pipeline(server, pipeline_file):
    """The server does not import it (the folder is not its own), and says where it would be."""
    (server.root / "beside_it.py").write_text("raise SystemExit\n")
    text = "description: mine\ntasks:\n  mine:\n    class: beside_it.MyTask\n"
    answer = server.ask("pipeline", method="POST", body={"path": pipeline_file.name, "text": text}).body
    assert answer["problem"]["line"] == 4
    assert "beside_it is in this folder" in answer["problem"]["message"]
    assert f"%pipetask build -p {pipeline_file.name}" in answer["problem"]["hint"]
    assert "PYTHONPATH" in answer["problem"]["hint"]


TASK = """
from lsst.pipe.base import PipelineTask, PipelineTaskConfig, PipelineTaskConnections, connectionTypes


class MyConnections(PipelineTaskConnections, dimensions=("visit",)):
    made = connectionTypes.Output(name="{made}", storageClass="StructuredDataDict", dimensions=("visit",))


class MyConfig(PipelineTaskConfig, pipelineConnections=MyConnections):
    pass


class {name}(PipelineTask):
    ConfigClass = MyConfig
    _DefaultName = "mine"
"""


def test_edited_task_classes_are_seen(server, pipeline_file):
    module = server.modules / "edited_tasks.py"
    text = "description: mine\ntasks:\n  mine:\n    class: edited_tasks.MyTask\n"
    body = {"path": pipeline_file.name, "text": text, "dataset_types": True}

    def ask(_: int = 0) -> dict[str, Any]:
        return server.ask("pipeline", method="POST", body=body).body

    module.write_text(TASK.format(name="OtherTask", made="first"))
    assert "edited_tasks has no MyTask" in ask()["problem"]["message"]
    module.write_text(TASK.format(name="MyTask", made="first"))
    assert {"mine", "first"} <= {node["label"] for node in ask()["scene"]["nodes"]}
    module.write_text(TASK.format(name="MyTask", made="another"))
    # As from two browsers.
    with ThreadPoolExecutor(2) as both:
        for answer in both.map(ask, range(2)):
            labels = {node["label"] for node in answer["scene"]["nodes"]}
            assert "another" in labels
            assert "first" not in labels


def test_an_empty_pipeline(server, pipeline_file):
    answer = server.ask("pipeline", method="POST", body={"path": pipeline_file.name, "text": " "}).body
    assert "nothing in this file" in answer["problem"]["message"]


def test_files_beside_it_are_no_modules(server, pipeline_file, graph_file):
    """What lies beside a file is not imported in place of a module of the same name."""
    folder = server.root / "trap"
    folder.mkdir(exist_ok=True)
    flag = folder / "executed"
    for name in ("json.py", "yaml.py", "lsst.py", "zstandard.py"):
        (folder / name).write_text(f"open({str(flag)!r}, 'w').close()\n")
    shutil.copy(graph_file, folder / "x.qg")
    shutil.copy(pipeline_file, folder / "x.yaml")
    assert server.ask("graph", path="trap/x.qg").body["total"] == 56
    body = {"path": "trap/x.yaml", "text": pipeline_file.read_text()}
    assert server.ask("pipeline", method="POST", body=body).body["problem"] is None
    assert not flag.exists()

"""Graph files of the old format over HTTP: as upstream writes them, and such as somebody made to do harm."""

from __future__ import annotations

import lzma
import struct
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def old_graph_file(graph_file, survey):
    """Write the graph in the old format, as upstream does; the repository knows the storage classes."""
    file = graph_file.with_suffix(".qgraph")
    script = (
        "import sys; from lsst.daf.butler import Butler; Butler.from_config(sys.argv[3]).close(); "
        "from lsst.pipe.base.quantum_graph import PredictedQuantumGraph as G; "
        "G.read_execution_quanta(sys.argv[1]).to_old_quantum_graph().saveUri(sys.argv[2])"
    )
    subprocess.run([sys.executable, "-c", script, str(graph_file), str(file), str(survey.root)], check=True)
    return file


def test_an_old_graph_file_says_the_same(server, graph_file, old_graph_file):
    new, old = (server.ask("graph", path=file.name).body for file in (graph_file, old_graph_file))
    assert old["total"] == 56
    assert sorted(map(str, old["tasks"])) == sorted(map(str, new["tasks"]))
    assert ".qgraph" in old["note"]
    arrows = [{(edge["source"], edge["target"]) for edge in each["scene"]["edges"]} for each in (new, old)]
    assert arrows[0] == arrows[1]
    assert dict(old["facts"])["output run"] == dict(new["facts"])["output run"]
    for query in ({"task": "isr", "count": 3}, {"task": "warp", "where": "visit = 903342 AND band = 'r'"}):
        rows = [
            server.ask("graph/quanta", path=file.name, **query).body for file in (graph_file, old_graph_file)
        ]
        stamps = [each.pop("stamp") for each in rows]
        assert stamps[0] != stamps[1], "Two files."
        assert rows[0] == rows[1]
        assert rows[0]["total"]
    quantum_id = rows[0]["rows"][0]["id"]
    new, old = (
        server.ask("graph/quantum", path=file.name, id=quantum_id).body
        for file in (graph_file, old_graph_file)
    )
    for name in new.keys() - {"stamp"}:
        assert (
            sorted(map(str, old[name])) == sorted(map(str, new[name]))
            if isinstance(old[name], list)
            else old[name] == new[name]
        )
    assert server.ask("graph/quanta", path=old_graph_file.name, task="isrr").body["hint"].count("isr")
    assert server.ask("graph/quantum", path=old_graph_file.name, id="none").status == 400


def _old_file(header: bytes) -> bytes:
    return b"qgraph4\xf6\xe8\xa9" + struct.pack(">HQ", 3, len(header)) + header


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\3\4 what a .qg file begins with",
        _old_file(b"no xz"),
        _old_file(lzma.compress(b"[")),
        _old_file(lzma.compress(b"{}")),
        _old_file(lzma.compress(b"{}")[:-10]),
        _old_file(lzma.compress(bytes(300_000_000))),
        _old_file(lzma.compress(b'{"TaskDefs": {}, "Nodes": [["a", {"bytes": [0, 1000000000000]}]]}')),
        _old_file(lzma.compress(b'{"TaskDefs": {"a": {"inputs": [["a", "b"]]}}, "Nodes": []}')),
        b"qgraph4\xf6\xe8\xa9" + struct.pack(">HQ", 3, 2**60),
    ],
)
def test_a_hostile_old_graph_file_is_an_error(server, content):
    (server.root / "foreign.qgraph").write_bytes(content)
    answer = server.ask("graph", path="foreign.qgraph")
    assert answer.status == 400
    assert answer.body["message"]

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from jupyter_mpexec.display.dot_source import to_dot

from .samples import HOSTILE, collapsed, hostile, pipeline


def test_nodes_edges_and_clusters_are_there():
    source = to_dot(pipeline())
    assert source.count(" -> ") == 6
    assert source.count("subgraph cluster_") == 2
    assert re.search(r"n1 -> n2 \[style=dashed\]", source)
    assert "12,003 quanta" in to_dot(collapsed())


def test_no_text_can_break_out():
    source = to_dot(hostile())
    # Without what stands in quotes, only names that we gave are left.
    bare = re.sub(r'"(?:\\.|[^"\\])*"', "", source)
    assert "script" not in bare
    assert "n9" not in bare
    assert source == to_dot(hostile())


@pytest.mark.skipif(shutil.which("dot") is None, reason="there is no dot")
def test_dot_reads_it_without_a_word():
    for diagram in (pipeline(), collapsed(), hostile()):
        done = subprocess.run(
            ["dot", "-Tjson0"], input=to_dot(diagram).encode(), capture_output=True, check=True
        )
        assert done.stderr == b""
    assert b"M\\u00fcller" in done.stdout or "Müller".encode() in done.stdout
    assert HOSTILE.encode() not in done.stdout

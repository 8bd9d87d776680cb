from __future__ import annotations

from jupyter_mpexec.display.clusters import cluster_members

from .samples import pipeline


def test_nodes_are_in_the_first_cluster_that_names_them_and_take_their_outputs_along():
    assert cluster_members(pipeline()) == (("isr", "post"), ("calibrate", "schema", "src"))

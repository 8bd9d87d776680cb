"""What a run looks like."""

from __future__ import annotations

import re
from pathlib import Path

from jupyter_mpexec import GraphBuilder, PipelineBuilder
from tests.support.repository import INPUTS, PIPELINE


def test_a_run_shows_failures_first_and_its_graph_with_states(repository: Path) -> None:
    pipeline = PipelineBuilder(str(PIPELINE)).config("measure", "fail_on", "visit = 2 AND detector = 1")
    built = GraphBuilder(pipeline, repository, input=INPUTS, output="u/me").build()
    bundle = built.run(register_dataset_types=True)._repr_mimebundle_()
    page, text = bundle["text/html"], bundle["text/plain"]
    assert page.index("told to fail") < page.index("summarise")
    picture = page[page.index("<svg") : page.index("</svg>")]
    labels = re.sub(r"<[^>]*>", " ", picture)
    for word in ("detect", "measure", "6 quanta", "1 failed"):
        assert word in labels
    assert "measure(instrument=SmallCam, detector=1, visit=2)" in text
    assert "told to fail" in text


def test_a_graph_builder_shows_what_it_will_build_with(repository: Path) -> None:
    bundle = GraphBuilder(
        str(PIPELINE), repository, input=INPUTS, output="u/me", data_query="visit = 1"
    )._repr_mimebundle_()
    for form in ("text/plain", "text/html"):
        assert "visit = 1" in bundle[form]
    assert "No quantum graph yet" in bundle["text/html"]

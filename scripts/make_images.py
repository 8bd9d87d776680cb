"""Draw the picture of the README (`make docs`): the demo pipeline."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path

from jupyter_mpexec import PipelineBuilder
from jupyter_mpexec.display.svg import to_svg
from jupyter_mpexec.execution.views.pipeline_diagram import pipeline_diagram

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Write docs/images/survey.svg."""
    # The engine that is always there, so that the picture is the same everywhere.
    os.environ["JUPYTER_MPEXEC_LAYOUT"] = "layered"
    pipeline = resources.files("jupyter_mpexec.demo") / "pipelines" / "survey.yaml"
    diagram = pipeline_diagram(PipelineBuilder(str(pipeline)).pipeline_graph(), dataset_types=False)
    (ROOT / "docs" / "images" / "survey.svg").write_text(to_svg(diagram), encoding="utf-8")


if __name__ == "__main__":
    main()

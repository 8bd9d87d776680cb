"""The run that the benchmark of the panel shows: it must go on being a run."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsst.daf.butler import Butler

from benchmarks.synthetic_run import SyntheticRun
from jupyter_mpexec.status import QuantumStatus, RunState


def test_it_tells_of_all_its_quanta(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every quantum of it begins and ends, and its panel counts them."""
    monkeypatch.setenv("JUPYTER_MPEXEC_DATA", str(tmp_path / "runs"))
    Butler.makeRepo(str(tmp_path / "repository"))
    run = SyntheticRun(100, str(tmp_path / "repository"))
    run.begin()
    run.go(rate=1e5, seconds=1.0)
    run.wait(timeout=60)
    assert run.state is RunState.SUCCEEDED
    assert run.report.counts == {QuantumStatus.SUCCEEDED: 99}
    assert len(run.ends) == 99

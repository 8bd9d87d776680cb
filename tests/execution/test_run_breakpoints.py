"""Where a run is paused, asked of the data IDs of real quanta."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_mpexec import BuiltQuantumGraph
from jupyter_mpexec.events import QuantumFinished
from jupyter_mpexec.execution.execution_model import identity
from jupyter_mpexec.execution.quanta import enumerate_quanta
from jupyter_mpexec.execution.quantum_data import QuantumData
from jupyter_mpexec.execution.run_control import RunControl
from jupyter_mpexec.status import RunState


@pytest.fixture
def quantum(build: Callable[..., BuiltQuantumGraph]) -> QuantumData:
    return next(iter(enumerate_quanta(build("visit = 1").graph)))


@pytest.mark.parametrize(("band", "state"), [("r", RunState.PAUSED), ("g", RunState.RUNNING)])
def test_an_expression_may_name_what_the_data_id_implies(
    quantum: QuantumData, band: str, state: RunState
) -> None:
    assert "band" not in quantum.data_id
    control = RunControl()
    control.add_breakpoint("no_work", where=f"band = '{band}'")
    assert control.may_start(quantum)
    control.note(QuantumFinished(**identity(quantum), no_work=True))
    assert control.state is state


def test_an_expression_that_makes_no_sense_pauses_once_and_says_why(quantum: QuantumData) -> None:
    control = RunControl()
    control.add_breakpoint(where="visit = '1'")
    assert not control.may_start(quantum)
    assert control.pause_reason.startswith("before detect(")
    assert "visit is a number, and cannot be compared with '1'" in control.pause_reason
    control.resume()
    assert control.may_start(quantum)
    assert control.state is RunState.RUNNING

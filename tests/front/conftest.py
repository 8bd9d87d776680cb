"""An IPython shell with the extension loaded, and the small repository of the execution tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import RichOutput, capture_output
from traitlets.config import Config

from tests.execution import conftest as execution
from tests.support.repository import INPUTS, PIPELINE

ONE_VISIT = "visit = 2 AND instrument = 'SmallCam'"
NEW = "--register-dataset-types --no-versions"
WHERE = f'-b {{repo}} -p {{pipe}} -i {INPUTS} -o u/me -d "{ONE_VISIT}"'

butler = execution.butler
pipetask = execution.pipetask
repository = execution.repository
repository_template = execution.repository_template
untouched = execution.untouched


@pytest.fixture(scope="session")
def bare_shell() -> Iterator[InteractiveShell]:
    """A shell without the extension; there can be one in a process only."""
    config = Config({"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}})
    yield InteractiveShell.instance(config=config)
    InteractiveShell.clear_instance()


@pytest.fixture(scope="session")
def first_variables(bare_shell: InteractiveShell) -> dict[str, Any]:
    """What the shell has before anything is run."""
    return dict(bare_shell.user_ns)


@pytest.fixture
def shell(bare_shell: InteractiveShell, first_variables: dict[str, Any]) -> Iterator[InteractiveShell]:
    """A shell with the extension; variables of other tests are gone, also of those that only find it there."""
    bare_shell.user_ns.clear()
    bare_shell.user_ns.update(first_variables)
    bare_shell.run_line_magic("load_ext", "jupyter_mpexec")
    yield bare_shell
    bare_shell.run_line_magic("unload_ext", "jupyter_mpexec")


class Cell:
    """What came of running a cell."""

    def __init__(self, result: Any, captured: Any) -> None:
        self.value = result.result
        self.error = result.error_in_exec or result.error_before_exec
        self.stdout: str = captured.stdout
        self.stderr: str = captured.stderr
        self.displayed: list[RichOutput] = captured.outputs


@pytest.fixture
def run_cell(shell: InteractiveShell) -> Callable[..., Cell]:
    """Run a cell in the shell, with variables."""

    def run(code: str, **variables: Any) -> Cell:
        shell.push(variables)
        with capture_output() as captured:
            result = shell.run_cell(code)
        return Cell(result, captured)

    return run


@pytest.fixture(autouse=True)
def runs_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the journals of tests apart from the user's."""
    monkeypatch.setenv("JUPYTER_MPEXEC_DATA", str(tmp_path / "mpexec"))
    return tmp_path / "mpexec"


@pytest.fixture
def names(repository: Path) -> dict[str, str]:
    """What the cells call the repository and the pipeline."""
    return {"repo": str(repository), "pipe": str(PIPELINE)}


def rendered(error: BaseException) -> list[str]:
    """What IPython shows of an exception."""
    return error._render_traceback_()  # type: ignore[attr-defined]  # what IPython calls

"""Loading the extension imports nothing heavy (benchmarks/overhead.py tells how long it takes)."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.support.environment import python_environment

PROGRAM = """
import json, sys
from traitlets.config import Config
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
before = set(sys.modules)
shell.run_line_magic("load_ext", "jupyter_mpexec")
loaded = shell.find_line_magic("pipetask") is not None
shell.run_line_magic("unload_ext", "jupyter_mpexec")
left = shell.find_line_magic("pipetask") is not None
modules = sorted(set(sys.modules) - before)
json.dump({"modules": modules, "loaded": loaded, "left": left}, sys.stdout)
"""


@pytest.fixture(scope="module")
def loading() -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=python_environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded: dict[str, object] = json.loads(done.stdout)
    return loaded


def test_nothing_heavy_is_imported(loading: dict[str, list[str]]) -> None:
    heavy = ("lsst", "astropy", "ipywidgets", "numpy", "networkx", "graphviz", "yaml", "tqdm", "sqlalchemy")
    assert [module for module in loading["modules"] if module.partition(".")[0] in heavy] == []


def test_magics_come_and_go(loading: dict[str, bool]) -> None:
    assert loading["loaded"]
    assert not loading["left"]


def test_the_package_itself_imports_nothing_heavy() -> None:
    heavy = "m.partition('.')[0] in ('lsst', 'IPython')"
    program = f"import sys, jupyter_mpexec; print([m for m in sys.modules if {heavy}])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=python_environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == "[]"

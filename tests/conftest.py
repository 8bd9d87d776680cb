"""What every test has: temporary folders in memory, and a data folder of its own: no run of the user is touched."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from tests.support.memory_folder import folder_in_memory


def pytest_configure() -> None:
    """Have pytest make temporary folders in memory, if that is possible and nobody has said where."""
    # A shell that starts us in the background has interrupts ignored, which tests send to themselves.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if (folder := folder_in_memory()) is not None:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))


@pytest.fixture(autouse=True, scope="session")
def _own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("jupyter")
        patch.setenv("JUPYTER_MPEXEC_DATA", str(folder / "mpexec"))
        for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
            patch.setenv(name, str(folder / name.lower()))
        yield

"""Repositories are opened, or it is said why not."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from lsst.daf.butler import Butler
from lsst.daf.butler.tests.utils import create_populated_sqlite_registry
from lsst.pipe.base.tests.mocks import InMemoryRepo
from lsst.resources import ResourcePath

from jupyter_mpexec.errors import RepositoryError
from jupyter_mpexec.execution.repository import open_butler, repository_config, repository_uri
from tests.support.repository import INPUTS, make_repository

NOBODY = 65534


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A repository whose files cannot be written, for a user who is not root."""
    with tempfile.TemporaryDirectory() as folder:
        root = make_repository(Path(folder) / "repo", visits=[1], detectors=[0])
        with open_butler(root, writeable=True):
            pass  # import all that is needed while files can still be read
        Path(folder).chmod(0o755)
        everything = [root, *root.rglob("*")]
        for path in everything:
            path.chmod(0o555 if path.is_dir() else 0o444)
        was_root = os.geteuid() == 0
        if was_root:
            os.seteuid(NOBODY)
        try:
            yield root
        finally:
            if was_root:
                os.seteuid(0)
            for path in everything:
                path.chmod(path.stat().st_mode | stat.S_IWUSR)


def test_opens_paths_uris_configs_and_butlers(repository: Path):
    config = repository / "butler.yaml"
    for source in (repository, str(repository), repository.as_uri(), ResourcePath(repository), config):
        with open_butler(source) as butler:
            assert INPUTS in butler.collections.query("*")
            assert not butler.isWriteable()
            again = repository_config(butler)
        with open_butler(again, writeable=True, collections=INPUTS) as butler:
            assert butler.isWriteable()
            assert butler.collections.defaults == (INPUTS,)


def test_a_butler_is_opened_anew(repository: Path):
    with Butler.from_config(str(repository), writeable=False) as first:
        with open_butler(first, writeable=True) as second:
            assert (first.isWriteable(), second.isWriteable()) == (False, True)
        assert INPUTS in first.collections.query("*")
        assert repository_uri(first) == str(repository)


def test_reading_leaves_nothing_behind(repository: Path, untouched):
    open_butler(repository, run=None).close()


def test_a_butler_without_a_file_is_cloned():
    with create_populated_sqlite_registry() as memory:
        with open_butler(memory, writeable=True) as clone:
            assert clone is not memory
            assert clone.collections.query("*") == memory.collections.query("*")
        assert repository_config(memory) is memory


def test_a_read_only_repository_can_be_read_but_not_written(read_only: Path):
    with open_butler(read_only) as butler:
        assert INPUTS in butler.collections.query("*")
    with pytest.raises(RepositoryError, match=f"{read_only} cannot be written to") as caught:
        open_butler(read_only, writeable=True)
    assert "get write access" in caught.value.hint


def test_a_repository_that_is_in_memory_only_says_so():
    with InMemoryRepo("base.yaml") as repository, pytest.raises(RepositoryError, match="only in the memory"):
        open_butler(repository.butler)

"""CPython's fault in archives is mended where it is, and only there."""

from __future__ import annotations

import io
import zipfile

import pytest

from jupyter_mpexec.execution.zipfile_fix import mend_zipfile, needs_mending


@pytest.mark.parametrize(
    ("version", "faulty"),
    [
        ((3, 11, 7), False),
        ((3, 12, 1), True),
        ((3, 12, 8), True),
        ((3, 12, 9), False),
        ((3, 13, 0), True),
        ((3, 13, 1), True),
        ((3, 13, 2), False),
        ((3, 14, 0), False),
    ],
)
def test_knows_the_faulty_versions(version, faulty):
    assert needs_mending(version) is faulty


def test_files_in_an_archive_do_not_disturb_each_other():
    mend_zipfile()
    mended = zipfile._SharedFile.seek
    mend_zipfile()
    assert zipfile._SharedFile.seek is mended
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("a", bytes(range(200)) * 1000)
        writer.writestr("b", b"b" * 10_000)
    with zipfile.ZipFile(archive) as reader, reader.open("a") as first, reader.open("b") as second:
        first.read(10)
        second.read()
        first.seek(150_050)  # beyond what is buffered
        assert first.read(3) == bytes([50, 51, 52])

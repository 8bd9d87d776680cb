"""The bytes of a ``.qgraph`` file, the format that upstream wrote before ``.qg``.

From its third version on, which is the last, it is JSON in compressed pieces: a header that says where the others are,
one piece a task and one a quantum. Earlier versions are pickled, and are not touched.
"""

from __future__ import annotations

import json
import lzma
import struct
from functools import cached_property
from pathlib import Path
from typing import Any

from jupyter_mpexec.errors import QuantumGraphError

__all__ = ["OldGraphFile"]

_MAGIC = b"qgraph4\xf6\xe8\xa9"
_SIZES = struct.Struct(">Q")
_VERSION = struct.Struct(">H")
_JSON_VERSION = 3
_LARGEST_HEADER = 2**28
_LARGEST_PIECE = 2**25


class OldGraphFile:
    """Reads pieces of a file.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    QuantumGraphError
        Raised if it is something else, or pickled.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        if self._file.read(len(_MAGIC)) != _MAGIC:
            raise QuantumGraphError(
                f"{path.name} is no quantum graph, or of a version before 2021.",
                hint="Build it anew: %pipetask qgraph -b REPO -p PIPELINE … -q NEW.qg",
            )
        (version,) = _VERSION.unpack(self._file.read(_VERSION.size))
        if version != _JSON_VERSION:
            raise QuantumGraphError(
                f"{path.name} has no header that can be read without executing the file.",
                hint="Load it in a notebook, if it is from somebody you trust: "
                "%pipetask qgraph -b REPO -g FILE -q NEW.qg writes it as a .qg file.",
            )
        (self._header_size,) = _SIZES.unpack(self._file.read(_SIZES.size))
        self._header_at = self._file.tell()

    @cached_property
    def header(self) -> dict[str, Any]:
        """What the file says of itself, of its tasks, and of what needs what."""
        return self._read(self._header_at, self._header_size, _LARGEST_HEADER)

    def piece(self, place: dict[str, Any]) -> dict[str, Any]:
        """Read what the header has a place of: a task or a quantum."""
        start, stop = map(int, place["bytes"])
        return self._read(self._header_at + self._header_size + start, stop - start, _LARGEST_PIECE)

    def _read(self, start: int, size: int, largest: int) -> dict[str, Any]:
        if not 0 <= size <= largest:
            raise QuantumGraphError("The file is damaged: a part of it is larger than any can be.")
        self._file.seek(start)
        # A little that is compressed may become very much.
        unpacked = lzma.LZMADecompressor()
        text = unpacked.decompress(self._file.read(size), largest)
        if not unpacked.eof:
            raise QuantumGraphError("The file is damaged: a part of it has no end, or is too large.")
        content: dict[str, Any] = json.loads(text)
        return content

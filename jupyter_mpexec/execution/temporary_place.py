"""A folder for temporary files in which sockets have room for their names."""

from __future__ import annotations

import os
import tempfile

__all__ = ["place_for_sockets"]

_LONGEST = 60
"""The address of a socket takes 107 characters (103 on macOS), of which what is made here needs up to 40."""

_SHORT = "/tmp"


def place_for_sockets() -> str:
    """Get the user's folder for temporary files; if its name is too long, the system's."""
    place = tempfile.gettempdir()
    if len(os.fsencode(place)) > _LONGEST and os.access(_SHORT, os.W_OK | os.X_OK):
        return _SHORT
    return place

"""Files and folders by names that stay right wherever they are used: absolute ones."""

from __future__ import annotations

import os

from lsst.resources import ResourcePath

__all__ = ["absolute_location"]


def absolute_location(location: str | os.PathLike[str] | ResourcePath) -> str:
    """Make a relative local path absolute; a URI, or a path with a variable in it, stays as it is.

    Parameters
    ----------
    location
        Path or URI; what follows a ``#`` is kept.

    Examples
    --------
    >>> absolute_location("/data/../DRP.yaml#isr"), absolute_location("s3://bucket/DRP.yaml")
    ('/DRP.yaml#isr', 's3://bucket/DRP.yaml')
    """
    given = str(location) if isinstance(location, str | ResourcePath) else os.fspath(location)
    path, mark, rest = given.partition("#")
    if "$" in path or "://" in path:
        return given.removeprefix("file://") if path.startswith("file:///") else given
    return os.path.abspath(os.path.expanduser(path)) + mark + rest  # noqa: PTH100, PTH111  # as text

"""Importing this keeps numerical libraries that are loaded later from starting threads of their own, in this process.

For processes that are ours from the beginning: there it has to come first, before anything else is imported.
"""

from lsst.utils.threads import disable_implicit_threading

__all__: list[str] = []

disable_implicit_threading()

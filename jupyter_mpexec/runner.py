"""``python -m jupyter_mpexec.runner FOLDER``: start the process that a run with worker processes belongs to."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from jupyter_mpexec.errors import JupyterMpexecError

__all__ = ["main"]

OK, FAILED, WRONG_USAGE = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Start to execute (or to go on with) the run in a folder.

    Parameters
    ----------
    argv
        The words behind the program's name: the folder.

    Returns
    -------
    code
        0 if the run has a process of its own now; 1 if that was not possible; 2 for a wrong command.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if len(words) != 1:
        sys.stderr.write("Usage: python -m jupyter_mpexec.runner FOLDER\n")
        return WRONG_USAGE
    from jupyter_mpexec.execution.runner import launch

    try:
        launch(words[0])
    except JupyterMpexecError as error:
        sys.stderr.write(f"Error: {error}\n")
        return FAILED
    return OK


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # The usual way out would wait for the process that was started.
    os._exit(code)

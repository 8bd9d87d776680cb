"""``python -m jupyter_mpexec.runner FOLDER …``: the process that a run with worker processes belongs to."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence

from jupyter_mpexec.errors import JupyterMpexecError

__all__ = ["main"]

OK, FAILED, WRONG_USAGE = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Execute the run in a folder, or go on with it.

    Parameters
    ----------
    argv
        The words behind the program's name: the folder, and path and descriptor of the claim to the output run.

    Returns
    -------
    code
        0 if the run came to its end, whatever that was; 1 if it could not begin; 2 for a wrong command.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if len(words) != 3 or not words[2].isdecimal():
        sys.stderr.write("Usage: python -m jupyter_mpexec.runner FOLDER CLAIM DESCRIPTOR\n")
        return WRONG_USAGE
    from jupyter_mpexec.execution.output_claim import OutputClaim
    from jupyter_mpexec.execution.runner import execute_run

    folder, claim, descriptor = words
    try:
        execute_run(folder, OutputClaim.inherited(claim, int(descriptor)))
    except JupyterMpexecError as error:
        sys.stderr.write(f"Error: {error}\n")
        return FAILED
    return OK


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    # Nobody waits for the long way that the interpreter takes to its end.
    os._exit(code)

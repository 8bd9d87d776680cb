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
        The words behind the program's name: the folder, path and descriptor of the claim to the output run, and the
        number of workers.

    Returns
    -------
    code
        0 if the run came to its end, whatever that was; 1 if it could not begin; 2 for a wrong command.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if len(words) != 4 or not all(word.isdecimal() for word in words[2:]):
        sys.stderr.write("Usage: python -m jupyter_mpexec.runner FOLDER CLAIM DESCRIPTOR PROCESSES\n")
        return WRONG_USAGE
    from jupyter_mpexec.execution.output_claim import OutputClaim
    from jupyter_mpexec.execution.runner import execute_run

    folder, claim, descriptor, processes = words
    try:
        execute_run(folder, OutputClaim.inherited(claim, int(descriptor)), processes=int(processes))
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

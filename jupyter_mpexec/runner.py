"""``python -m jupyter_mpexec.runner FOLDER``: the process that a run with worker processes belongs to."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from jupyter_mpexec.errors import JupyterMpexecError

__all__ = ["main"]

OK, FAILED, WRONG_USAGE = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Execute the run in a folder.

    Parameters
    ----------
    argv
        The words behind the program's name: the folder, after ``--wait`` if standard input says when to begin.

    Returns
    -------
    code
        0 if the run came to its end, whatever that was; 1 if it could not begin; 2 for a wrong command.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    wait = "--wait" in words
    folders = [word for word in words if word != "--wait"]
    if len(folders) != 1:
        sys.stderr.write("Usage: python -m jupyter_mpexec.runner [--wait] FOLDER\n")
        return WRONG_USAGE
    from jupyter_mpexec.execution.runner import Runner

    runner = None
    try:
        runner = Runner(folders[0])
        runner.prepare()
        if not wait or runner.wait_for_word(sys.stdin):
            runner.run()
    except JupyterMpexecError as error:
        sys.stderr.write(f"Error: {error}\n")
        code = FAILED
    else:
        code = OK
    if runner is not None:
        runner.leave(code)
    return code


if __name__ == "__main__":
    sys.exit(main())

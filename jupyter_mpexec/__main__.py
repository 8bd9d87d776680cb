"""``python -m jupyter_mpexec``."""

import sys

from jupyter_mpexec.front.command_line import main

if __name__ == "__main__":
    sys.exit(main())

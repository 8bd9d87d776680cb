"""Whether somebody reads this notebook in a front end that shows widgets."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["shows_widgets"]


def shows_widgets(shell: InteractiveShell | None) -> bool:
    """Tell whether the cell that is being executed was sent by a front end that shows widgets.

    Front ends for people (JupyterLab, Notebook 7, VS Code) say which cell they execute. What executes notebooks
    without anybody looking on (nbconvert, nbval, papermill), and consoles, do not. The environment variable
    ``JUPYTER_MPEXEC_PANEL`` overrules that: 0 is no, anything else is yes.
    """
    chosen = os.environ.get("JUPYTER_MPEXEC_PANEL", "")
    kernel = getattr(shell, "kernel", None)
    if kernel is None or chosen == "0":
        return False
    if chosen or "google.colab" in sys.modules:
        return True
    return "cellId" in kernel.get_parent("shell").get("metadata", {})

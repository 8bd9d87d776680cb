from __future__ import annotations

import subprocess
import sys


def test_displays_import_no_heavy_library():
    script = (
        "import sys, pkgutil, importlib, jupyter_mpexec.display as d\n"
        "for m in pkgutil.walk_packages(d.__path__, d.__name__ + '.'): importlib.import_module(m.name)\n"
        "heavy = {*'lsst IPython ipywidgets numpy networkx graphviz pygraphviz astropy'.split()}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)

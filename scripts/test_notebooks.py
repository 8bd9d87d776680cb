"""Run the tutorial notebooks with nbval, and compare their outputs with the stored ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Run pytest with nbval on all notebooks; gives pytest's exit code."""
    with tempfile.TemporaryDirectory() as folder:
        # A copy, because notebooks write beside themselves.
        shutil.copytree(
            ROOT / "notebooks", folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*", "survey")
        )
        environment = {
            **os.environ,
            "JUPYTER_MPEXEC_DATA": str(Path(folder) / "data"),
            "JUPYTER_MPEXEC_LAYOUT": "layered",
            "COLUMNS": "100",
        }
        command = [
            *(
                sys.executable,
                "-m",
                "pytest",
                "-v",
                "-c",
                os.devnull,
                "--rootdir",
                folder,
                "-p",
                "no:cacheprovider",
            ),
            *("--nbval", "--nbval-current-env", "--nbval-cell-timeout", "900"),
            *("--nbval-sanitize-with", "sanitize.cfg"),
            *sorted(path.name for path in Path(folder).glob("*.ipynb")),
        ]
        return subprocess.run(command, env=environment, cwd=folder).returncode


if __name__ == "__main__":
    sys.exit(main())

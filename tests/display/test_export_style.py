"""The browser part has the states, glyphs, words and colours of the displays in Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_exported_files_are_up_to_date():
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "export_style.py", "--check"],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stdout + done.stderr

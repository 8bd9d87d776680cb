"""Run the tests with every supported Python that is installed, each in an environment of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

VERSIONS = ("3.11", "3.12", "3.13")


def find_interpreter(version: str) -> str | None:
    """Find an interpreter of a version on PATH, or among those of pyenv."""
    candidates = [shutil.which(f"python{version}")]
    pyenv = Path.home() / ".pyenv" / "versions"
    candidates += [str(path) for path in sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True)]
    for candidate in filter(None, candidates):
        # A shim of pyenv is there even if its version is not.
        check = f"import sys; sys.exit('.'.join(map(str, sys.version_info[:2])) != {version!r})"
        if subprocess.run([candidate, "-c", check], capture_output=True).returncode == 0:
            return candidate
    return None


def main() -> int:
    """Run `make test` for each version; the exit code is the number of versions that failed."""
    interpreters = {version: find_interpreter(version) for version in VERSIONS}
    for version, interpreter in interpreters.items():
        print(f"Python {version}: {interpreter or 'not installed'}", flush=True)
    results: dict[str, str] = {}
    for version, interpreter in interpreters.items():
        if interpreter is None:
            results[version] = "not installed"
            continue
        command = ["make", "test", f"PYTHON={interpreter}", f"VENV=.venv-{version}"]
        results[version] = "passed" if subprocess.run(command).returncode == 0 else "FAILED"
    for version, result in results.items():
        print(f"Python {version}: {result}")
    return list(results.values()).count("FAILED")


if __name__ == "__main__":
    sys.exit(main())

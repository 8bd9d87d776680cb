"""A real JupyterLab or Notebook 7, with a real kernel, driven by a headless browser."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"

APPS = {"lab": ("lab", "LabApp"), "notebook": ("notebook", "JupyterNotebookApp")}
"""By name: the subcommand of `jupyter`, and the class that is configured."""

_READY = """async () => {
  const widget = window.jupyterapp && window.jupyterapp.shell.currentWidget;
  if (!widget || !widget.sessionContext) return false;
  await widget.context.ready;
  await widget.sessionContext.ready;
  const kernel = widget.sessionContext.session && widget.sessionContext.session.kernel;
  if (!kernel) return false;
  await kernel.info;
  return true;
}"""


@dataclass(frozen=True)
class Server:
    """A Jupyter server.

    Parameters
    ----------
    app
        Name of the application; see `APPS`.
    root
        Folder that it serves.
    address, token
        Where it is, and what opens it.
    environment
        What its kernels and terminals have.
    """

    app: str
    root: Path
    address: str
    token: str
    environment: dict[str, str]

    def url(self, notebook: Path) -> str:
        """Return the address of a notebook."""
        name = notebook.relative_to(self.root).as_posix()
        # Each in a workspace of its own: JupyterLab would open those of other tests again beside it.
        place = f"lab/workspaces/{notebook.parent.name}/tree" if self.app == "lab" else "notebooks"
        return f"{self.address}/{place}/{name}?token={self.token}"


@contextmanager
def server(root: Path, *, app: str = "lab") -> Iterator[Server]:
    """Start a Jupyter server on a folder."""
    home = root / ".home"
    environment = {
        **os.environ,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_MPEXEC_DATA": str(home / "mpexec"),
        "PYTHONPATH": str(ROOT),
        "JUPYTER_PATH": str(home / "share"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    # The extension of this source tree, whatever is installed.
    place = home / "share" / "labextensions"
    place.mkdir(parents=True)
    (place / "jupyter-mpexec").symlink_to(ROOT / "jupyter_mpexec" / "labextension")
    command, cls = APPS[app]
    port, token = _free_port(), secrets.token_hex(8)
    with (root / "server.log").open("w") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyter", command, "--no-browser", "--allow-root"),
                *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
                *(f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={root}"),
                "--ServerApp.jpserver_extensions={'jupyter_mpexec': True}",
                *(f"--{cls}.expose_app_in_browser=True", "--LabApp.news_url=None"),
            ],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(f"{address}/api?token={token}", process)
            yield Server(app, root, address, token, environment)
        finally:
            process.terminate()
            process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        if process.poll() is not None:
            raise RuntimeError("The Jupyter server did not start; see server.log.")
        try:
            with urllib.request.urlopen(url):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    raise RuntimeError("The Jupyter server did not answer.")


def write_notebook(path: Path, cells: Sequence[str]) -> None:
    """Write a notebook with code cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)


class NotebookPage:
    """A notebook in the browser.

    Parameters
    ----------
    page
        A page of playwright's.
    host
        The server.
    path
        File of the notebook.
    pictures
        Folder that screenshots go to.
    """

    def __init__(self, page: Any, host: Server, path: Path, pictures: Path) -> None:
        self.page = page
        self.path = path
        self._url = host.url(path)
        self._pictures = pictures

    def open(self) -> None:
        """Open the notebook, and wait for its kernel."""
        self.page.goto(self._url)
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
        self.wait_for_kernel()

    def wait_for_kernel(self) -> None:
        """Wait until the kernel of the notebook has answered."""
        self.page.wait_for_function(_READY, timeout=90_000)

    def run_all(self) -> None:
        """Run all cells; does not wait for them."""
        self.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")

    def run_cell(self, number: int) -> None:
        """Run one cell; does not wait for it."""
        self.page.evaluate(
            """n => {
              const content = window.jupyterapp.shell.currentWidget.content;
              content.activeCellIndex = n;
              window.jupyterapp.commands.execute('notebook:run-cell');
            }""",
            number,
        )

    def save(self) -> None:
        """Save the notebook."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")

    def restart_kernel(self) -> None:
        """Restart the kernel, without a question."""
        self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
        )

    def shut_down(self) -> None:
        """End the kernel; whatever it runs ends with it."""
        self.page.evaluate(
            """async () => {
              for (const widget of window.jupyterapp.shell.widgets('main'))
                if (widget.sessionContext) await widget.sessionContext.shutdown();
            }"""
        )

    def change_theme(self, theme: str) -> None:
        """Change the theme to ``light`` or ``dark``."""
        self.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })",
            f"JupyterLab {theme.title()}",
        )
        self.page.wait_for_selector(
            f"body[data-jp-theme-light='{str(theme == 'light').lower()}']", state="attached"
        )

    def take_picture(self, name: str) -> None:
        """Keep a screenshot of the panel."""
        self._pictures.mkdir(parents=True, exist_ok=True)
        self.page.locator(".jmpx-panel").first.screenshot(path=self._pictures / f"{name}.png")

    def take_page(self, name: str) -> None:
        """Keep a screenshot of the whole page."""
        self._pictures.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self._pictures / f"{name}.png")

    def execute(self, code: str) -> str:
        """Run code in the kernel, beside the notebook; gives what it printed."""
        return str(
            self.page.evaluate(
                """async code => {
                  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                  const future = kernel.requestExecute({ code, silent: false, store_history: false });
                  let text = '';
                  future.onIOPub = message => {
                    if (message.header.msg_type === 'stream') text += message.content.text;
                    if (message.header.msg_type === 'error') text += message.content.evalue;
                  };
                  await future.done;
                  return text;
                }""",
                code,
            )
        )

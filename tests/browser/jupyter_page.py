"""A real JupyterLab or Notebook 7, with a real kernel, driven by a headless browser."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"

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


@contextmanager
def server(folder: Path, *, app: str = "lab", theme: str = "light") -> Iterator[str]:
    """Start a Jupyter server on a folder; gives its address with the token in it."""
    home = folder / ".home"
    settings = home / "config" / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    wanted = "JupyterLab Dark" if theme == "dark" else "JupyterLab Light"
    (settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": wanted}))
    environment = {
        **os.environ,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_MPEXEC_DATA": str(home / "mpexec"),
        "PYTHONPATH": str(ROOT),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command, cls = APPS[app]
    port, token = _free_port(), secrets.token_hex(8)
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyter", command, "--no-browser", "--allow-root"),
                *(
                    f"--ServerApp.port={port}",
                    "--ServerApp.port_retries=0",
                    f"--IdentityProvider.token={token}",
                ),
                *(f"--ServerApp.root_dir={folder}", f"--{cls}.expose_app_in_browser=True"),
                "--LabApp.news_url=None",
            ],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(f"{address}/api?token={token}", process)
            path = "lab/tree" if app == "lab" else "notebooks"
            yield f"{address}/{path}/{{name}}?token={token}"
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
    address
        What `server` gave.
    name
        Name of the notebook's file.
    """

    def __init__(self, page: Any, address: str, name: str) -> None:
        self.page = page
        self._url = address.format(name=name)

    def open(self) -> None:
        """Open the notebook, and wait for its kernel."""
        self.page.goto(self._url)
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
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

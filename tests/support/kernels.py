"""Kernels with another ipykernel than that of the tests, and a front end without a browser that talks to them."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

__all__ = ["PackagesUnavailable", "WidgetClient", "install_packages", "start_kernel"]

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0


class PackagesUnavailable(Exception):
    """The package registry cannot be reached, or does not have what is asked for."""


def install_packages(folder: Path, requirements: Sequence[str]) -> Path:
    """Install packages into a folder, unless that has been done; gives the folder.

    Raises
    ------
    PackagesUnavailable
        Raised if that cannot be done.
    """
    made = folder / "packages"
    if not made.exists():
        draft = folder / "draft"
        shutil.rmtree(draft, ignore_errors=True)
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
        ]
        done = subprocess.run(
            [*command, "--target", str(draft), *requirements], capture_output=True, text=True, timeout=300
        )
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["pip says nothing"])[-1]
            raise PackagesUnavailable(f"{', '.join(requirements)} cannot be installed: {reason}")
        # Where the folder is, all of it is there.
        draft.rename(made)
    return made


@contextmanager
def start_kernel(place: Path, *, packages: Path | None = None) -> Iterator[WidgetClient]:
    """Start a kernel of this Python.

    Parameters
    ----------
    place
        Folder for its specification, and to work in.
    packages
        Folder with packages that come before those of this Python.
    """
    spec = place / "kernels" / "other"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    path = os.pathsep.join(map(str, filter(None, (packages, ROOT))))
    record = {"argv": argv, "display_name": "other", "language": "python", "env": {"PYTHONPATH": path}}
    (spec / "kernel.json").write_text(json.dumps(record))
    manager = KernelManager(
        kernel_name="other", kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(place / "kernels")])
    )
    manager.start_kernel(cwd=str(place))
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE)
        yield WidgetClient(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


class WidgetClient:
    """Runs cells, knows the state of all widgets, and clicks buttons.

    Clicks go to the main thread of the kernel, as from front ends that know no subshells, or do not use them.

    Attributes
    ----------
    models
        State of each widget, by the ID of its comm.
    """

    def __init__(self, client: BlockingKernelClient) -> None:
        self._client = client
        self.models: dict[str, dict[str, Any]] = {}

    def execute(self, code: str, *, cell: str = "") -> str:
        """Run a cell, which may have an ID, and return what it prints."""
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        metadata = {"cellId": cell} if cell else {}
        request = self._client.session.msg("execute_request", content, metadata=metadata)
        self._client.shell_channel.send(request)
        sent = request["header"]["msg_id"]
        text = ""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            message = self._listen()
            if message is None or message["parent_header"].get("msg_id") != sent:
                continue
            content = message["content"]
            match message["msg_type"]:
                case "stream":
                    text += content["text"]
                case "error":
                    raise AssertionError("\n".join(content["traceback"]))
                case "status" if content["execution_state"] == "idle":
                    return text
        raise AssertionError(f"The cell does not end: {code}")

    def press(self, label: str) -> None:
        """Click the first button with a label, as soon as it can be clicked."""
        self.wait_until(lambda: self._button(label), f"{label} can be clicked")
        data = {"method": "custom", "content": {"event": "click"}}
        self._client.shell_channel.send(
            self._client.session.msg("comm_msg", {"comm_id": self._button(label), "data": data})
        )

    def _button(self, label: str) -> str:
        """Find the first button with a label that can be clicked; gives the ID of its comm, or nothing."""
        for comm_id, state in self.models.items():
            if state.get("_model_name") == "ButtonModel" and state["description"] == label:
                return "" if state["disabled"] else comm_id
        return ""

    def text(self) -> str:
        """All HTML that is shown."""
        return "\n".join(
            state["value"]
            for state in self.models.values()
            if state.get("_model_name") == "HTMLModel" and "<style>" not in state["value"]
        )

    def wait_until(self, condition: Callable[[], object], what: str) -> None:
        """Wait until something is true of the widgets, but not for ever."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"It did not happen: {what}. There is: {self.text()[-2000:]}"
            self._listen()

    def _listen(self) -> dict[str, Any] | None:
        try:
            message: dict[str, Any] = self._client.get_iopub_msg(timeout=1)
        except queue.Empty:
            return None
        content = message["content"]
        if message["msg_type"] == "comm_open":
            self.models[content["comm_id"]] = dict(content["data"].get("state", {}))
        elif message["msg_type"] == "comm_close":
            self.models.pop(content["comm_id"], None)
        elif message["msg_type"] == "comm_msg" and content["data"].get("method") in ("update", "echo_update"):
            self.models.setdefault(content["comm_id"], {}).update(content["data"]["state"])
        return message

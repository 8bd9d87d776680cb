"""Steering a run from another process: the commands of `RunControl` over a local socket in the run folder.

A connection carries one command: a line of JSON with the run's token, and a line of JSON back. Only the owner of the
folder can open the socket, and only who can read the folder knows the token.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import logging
import os
import secrets
import socket
import tempfile
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..errors import JupyterMpexecError, RunError
from .holders import Holders, holder_of
from .over import over_error
from .run_breakpoints import RunBreakpoint, When
from .run_control import RunControl
from .run_folder import RunFolder
from .temporary_place import place_for_sockets

__all__ = ["ControlServer", "RemoteControl"]

_LOG = logging.getLogger(__name__)

_SECONDS_TO_ANSWER = 20.0
_SECONDS_TO_BEGIN = 60.0
"""Before it takes commands, a process imports a lot, and waits for workers of an earlier one to end."""

_LONGEST_LINE = 2**26
"""A command may name every quantum of a large run."""

_ACTIONS = frozenset(
    {
        *("pause", "resume", "step", "stop", "cancel", "retry", "skip", "hold", "release", "prefer", "adopt"),
        *("add_breakpoint", "remove_breakpoint", "list_breakpoints"),
    }
)


class ControlServer:
    """Takes commands for a run, on a thread of its own.

    Parameters
    ----------
    folder
        Folder of the run.
    control
        Does what the commands say.
    """

    def __init__(self, folder: RunFolder, control: RunControl) -> None:
        self._folder = folder
        self._control = control
        self._holders = Holders(folder, control)
        self._token = secrets.token_urlsafe(24)
        self._socket, self._place = _listen(folder)
        where = {"pid": os.getpid(), "socket": str(self._place), "token": self._token}
        _write_private(folder.control_file, json.dumps(where))
        threading.Thread(target=self._serve, name=f"mpexec control {folder.name}", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take no more commands, and leave no file of it."""
        self._holders.close()
        for file in (self._folder.control_file, self._place):
            file.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            # Wakes the thread, which a mere close would not.
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            # One that says nothing must not keep the others waiting.
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(_SECONDS_TO_ANSWER)
            try:
                reply = self._obey(_receive(connection))
            except JupyterMpexecError as error:
                reply = {"error": error.message, "hint": error.hint}
            except (ValueError, TypeError, KeyError, OSError) as error:
                reply = {"error": f"The command cannot be understood: {error}", "hint": ""}
            with contextlib.suppress(OSError):
                connection.sendall(_line(reply))

    def _obey(self, command: dict[str, Any]) -> dict[str, Any]:
        if not hmac.compare_digest(str(command.pop("token", "")), self._token):
            _LOG.warning("A command with a wrong token was refused.")
            raise RunError("The token of the command is not that of the run.")
        action = command.pop("action")
        if action not in _ACTIONS:
            raise ValueError(f"there is no action {action!r}")
        quantum_ids = [uuid.UUID(quantum_id) for quantum_id in command.pop("quantum_ids", ())]
        if action == "add_breakpoint":
            return {"value": self._control.add_breakpoint(quantum_ids=quantum_ids, **command)}
        if action == "hold" and (holder := command.pop("holder", "")):
            self._holders.note(holder, quantum_ids)
        elif action in ("release", "adopt"):
            self._holders.forget(quantum_ids)
        return {"value": getattr(self._control, action)(*quantum_ids, **command)}


class RemoteControl:
    """Steers a run that goes on in another process; the commands are those of `RunControl`.

    Parameters
    ----------
    folder
        Folder of the run.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder

    def pause(self) -> None:
        """Let no further quantum start."""
        self._send("pause")

    def resume(self) -> None:
        """Go on after a pause."""
        self._send("resume")

    def step(self, count: int = 1) -> None:
        """Let exactly `count` more quanta start."""
        self._send("step", count=count)

    def stop(self, reason: str = "stopped by the user", *, interrupt: bool = False) -> None:
        """End the run early; with `interrupt`, the quanta under way too."""
        self._send("stop", reason=reason, interrupt=interrupt)

    def cancel(self, *quantum_ids: uuid.UUID) -> None:
        """Take quanta out of the run; one that is under way is interrupted."""
        self._send("cancel", quantum_ids)

    def retry(self, *quantum_ids: uuid.UUID) -> None:
        """Run quanta that failed or were cancelled once more (all of them, if none is named), and what they blocked."""
        self._send("retry", quantum_ids)

    def skip(self, *quantum_ids: uuid.UUID) -> None:
        """Do not run quanta, but let those that depend on them go on as well as they can."""
        self._send("skip", quantum_ids)

    def hold(self, *quantum_ids: uuid.UUID) -> None:
        """Take quanta out for a while, so that they can be debugged; the others go on.

        If this process ends, however it does, they go back to the run.
        """
        self._send("hold", quantum_ids, holder=holder_of(self._folder))

    def release(self, *quantum_ids: uuid.UUID) -> None:
        """Give quanta that were held back to the run, which runs them."""
        self._send("release", quantum_ids)

    def prefer(self, *quantum_ids: uuid.UUID) -> None:
        """Run these before all others, as soon as they are ready."""
        self._send("prefer", quantum_ids)

    def adopt(self, quantum_id: uuid.UUID, *, promotion: Mapping[str, Any]) -> None:
        """Take over what somebody has written for a quantum that is held; see `RunControl.adopt`."""
        self._send("adopt", [quantum_id], promotion=promotion)

    def add_breakpoint(
        self,
        when: When = "before",
        *,
        task_label: str = "",
        where: str = "",
        quantum_ids: Iterable[uuid.UUID | str] = (),
        once: bool = False,
    ) -> int:
        """Have the run paused where quanta come to; see `RunControl.add_breakpoint`."""
        # Looked at here, so that what is wrong raises the same errors as in the kernel.
        RunBreakpoint.make(when, task_label=task_label, where=where, quantum_ids=quantum_ids, once=once)
        ids = [uuid.UUID(str(quantum_id)) for quantum_id in quantum_ids]
        return int(
            self._send("add_breakpoint", ids, when=when, task_label=task_label, where=where, once=once)
        )

    def remove_breakpoint(self, number: int | None = None) -> None:
        """Take away a breakpoint, or all of them."""
        self._send("remove_breakpoint", number=number)

    def list_breakpoints(self) -> list[dict[str, Any]]:
        """List the breakpoints as plain records, with their numbers."""
        return list(self._send("list_breakpoints"))

    def _send(self, action: str, quantum_ids: Iterable[uuid.UUID] = (), **arguments: Any) -> Any:
        command = {"action": action, **arguments}
        if ids := [str(quantum_id) for quantum_id in quantum_ids]:
            command["quantum_ids"] = ids
        reply = self._exchange(command)
        if reply.get("error"):
            raise RunError(reply["error"], hint=reply.get("hint", ""))
        return reply.get("value")

    def _exchange(self, command: dict[str, Any]) -> dict[str, Any]:
        begin = time.monotonic()
        while True:
            try:
                where = json.loads(self._folder.control_file.read_text())
                with _connect(Path(where["socket"])) as connection:
                    connection.sendall(_line({**command, "token": where["token"]}))
                    return _receive(connection)
            except (FileNotFoundError, ConnectionError):
                # It is over; or it has only just begun.
                if not self._folder.is_alive:
                    raise over_error(self._folder) from None
                failure: Exception | None = None
            except PermissionError as error:
                raise RunError(
                    f"Run {self._folder.name} cannot be steered by you: {error.strerror}.",
                    hint="Only the user who began a run can steer it.",
                ) from error
            except OSError as error:
                failure = error
            has_begun = self._folder.control_file.exists()
            patience = _SECONDS_TO_ANSWER if has_begun else _SECONDS_TO_BEGIN
            if failure is not None or time.monotonic() - begin >= patience:
                raise RunError(
                    f"The process of run {self._folder.name} does not answer.",
                    hint=f"What it says of itself is in {self._folder.output_file}.",
                ) from failure
            time.sleep(0.05)


def _listen(folder: RunFolder) -> tuple[socket.socket, Path]:
    # Left over from a process that was killed; whoever calls holds the lock of the run.
    folder.socket.unlink(missing_ok=True)
    try:
        return _bind(folder.socket), folder.socket
    except OSError:
        # Some network file systems have no sockets.
        place = Path(tempfile.mkdtemp(prefix="mpexec-control-")) / folder.socket.name
        return _bind(place), place


def _bind(place: Path) -> socket.socket:
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short_name(place) as name:
            server.bind(name)
        place.chmod(0o600)
        server.listen()
    except BaseException:
        server.close()
        raise
    return server


def _connect(place: Path) -> socket.socket:
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(_SECONDS_TO_ANSWER)
    try:
        with _short_name(place) as name:
            client.connect(name)
    except BaseException:
        client.close()
        raise
    return client


@contextlib.contextmanager
def _short_name(path: Path) -> Iterator[str]:
    """Give a path that fits into the address of a socket, which takes about a hundred characters."""
    with tempfile.TemporaryDirectory(prefix="mpexec-", dir=place_for_sockets()) as folder:
        link = Path(folder) / "run"
        link.symlink_to(path.parent.absolute())
        yield str(link / path.name)


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, all at once."""
    draft = path.with_suffix(".tmp")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.rename(path)


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"


def _receive(connection: socket.socket) -> dict[str, Any]:
    with connection.makefile("rb") as stream:
        line = stream.readline(_LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise ConnectionResetError("The connection ended in the middle of a line.")
    message = json.loads(line)
    if not isinstance(message, dict):
        raise TypeError("it is no JSON object")
    return message

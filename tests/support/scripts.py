"""Scripts for quanta that do nothing: how they end, and what else happens when they run, in this process or another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Client, Connection, Listener
from typing import Any, Protocol

from lsst.daf.butler import Quantum
from lsst.pipe.base.quantum_graph_executor import QuantumExecutionResult, QuantumExecutor


class Startable(Protocol):
    def start(self, name: str) -> bool: ...


@dataclass
class Script:
    """How quanta end, and what else happens when they run."""

    failing: set[str] = field(default_factory=set)
    on_start: Callable[[str], object] = lambda name: None
    ran: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, name: str) -> bool:
        """Note that a quantum runs; returns whether it is to succeed."""
        with self._lock:
            self.ran.append(name)
            self.on_start(name)
            return name not in self.failing and name.partition("(")[0] not in self.failing


class ScriptServer:
    """Lets quanta in worker processes ask a script in this one."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._listener = Listener(family="AF_UNIX")
        self.remote = RemoteScript(str(self._listener.address))
        threading.Thread(target=self._accept, name="script server", daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), name="script", daemon=True).start()

    def _answer(self, connection: Connection) -> None:
        with connection:
            try:
                while True:
                    connection.send(self._script.start(connection.recv()))
            except (EOFError, OSError):
                return

    def close(self) -> None:
        self._listener.close()


class RemoteScript:
    """What a worker has of a script: the way to ask."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._connection: Connection | None = None

    def start(self, name: str) -> bool:
        if self._connection is None:
            self._connection = Client(self._address)
        self._connection.send(name)
        return bool(self._connection.recv())


class ScriptedExecutor(QuantumExecutor):
    """Runs quanta by asking a script."""

    def __init__(self, script: Startable) -> None:
        self.script = script

    def execute(self, task_node: Any, /, quantum: Quantum, quantum_id: Any = None, **_: Any) -> Any:
        values = ", ".join(f"{key}={value}" for key, value in quantum.dataId.required.items())
        if not self.script.start(f"{task_node.label}({values})"):
            raise ValueError("as told")
        return QuantumExecutionResult(quantum, None)

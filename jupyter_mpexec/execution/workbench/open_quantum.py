"""A quantum of a run, opened: its inputs, its task, and reruns of it in memory."""

from __future__ import annotations

import threading
import uuid
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from lsst.pipe.base import PipelineTask
from lsst.pipe.base.pipeline_graph import TaskNode

from ...errors import RunError
from ...status import QuantumStatus
from ..quantum_data import QuantumData
from .attempt import Attempt
from .configured_task import ConfigChange, changed_fields, with_config
from .discarded import Discarded
from .patch import Patch
from .quantum_contents import QuantumContents
from .rerun import PatchingTaskFactory, Rerun
from .sandbox_butler import Observer

if TYPE_CHECKING:
    from ...debug.session import DebugSession
    from ..run import Run
    from .comparison import Comparison
    from .debugging import BreakAt, PauseAt

__all__ = ["OpenQuantum"]


class OpenQuantum(QuantumContents):
    """A quantum of a run, with its inputs at hand and its task made.

    Made by `Run.quantum`, for runs that go on as well as for those that are over. Reruns write into memory only; what
    is good is written to the output run by `promote`.

    Parameters
    ----------
    run
        The run.
    quantum_id
        Identifier of the quantum.

    Attributes
    ----------
    run
        The run.
    config
        A copy of the task's configuration; change it here for reruns.
    attempts
        All reruns, oldest first.
    patches
        Methods that reruns replace.

    Examples
    --------
    Try other values, look, and keep the result::

        q = run.quantum("calibrate", visit=42, detector=7)
        q.rerun(config={"match_radius": 5.0})
        q.compare()
        q.promote()
    """

    def __init__(self, run: Run, quantum_id: uuid.UUID) -> None:
        super().__init__(run, quantum_id)
        self.config: Any = self._node.config.copy()
        self.attempts: list[Attempt] = []
        self.patches: list[Patch] = []
        self._taking = threading.Lock()
        self._sessions: weakref.WeakSet[DebugSession] = weakref.WeakSet()
        self._task: PipelineTask | None = None
        self._task_key: object = None

    # The task.

    @property
    def task(self) -> PipelineTask:
        """The task, made as the executor makes it, from `config` and with `patches`."""
        key = (self.config.saveToString(), tuple(self.patches))
        if self._task is None or key != self._task_key:
            self._task = self._make_task(self._changed_node(None))
            self._task_key = key
        return self._task

    # Trying.

    def patch(self, target: str, source: str, *, namespace: dict[str, Any] | None = None) -> Patch:
        """Replace a method for reruns of this quantum; nobody else's task changes.

        Parameters
        ----------
        target
            Class and method, ``CalibrateTask.run``; the class may be that of a subtask, or a base class.
        source
            Text of the method, as in the class. It sees the names of its module, and then those of `namespace`.
        namespace
            Names of the notebook.

        Raises
        ------
        UsageError
            Raised if there is no such method, or the text does not define it.
        """
        plain = self._make_task(self._node, ())
        patch = Patch.make(target, source, plain, namespace=namespace)
        self.patches = [each for each in self.patches if each.name != patch.name] + [patch]
        return patch

    def unpatch(self, target: str | None = None) -> None:
        """Take patches away: that of a method, or all of them."""
        self.patches = [] if target is None else [each for each in self.patches if each.name != target]

    def configure(self, change: ConfigChange) -> None:
        """Take another configuration for all reruns from now on: that of the run, with some changes.

        Parameters
        ----------
        change
            As for `rerun`; without any field, it is again as in the run.

        Raises
        ------
        UsageError
            Raised if the configuration is not right; it then stays as it is.
        """
        self.config = with_config(self.run.graph.pipeline_graph, self._node, change).config.copy()

    def config_changes(self) -> dict[str, tuple[Any, Any]]:
        """Tell how `config` differs from that of the run: its value and this one, by name."""
        return changed_fields(self._node.config, self.config)

    def prepare(
        self,
        config: ConfigChange | None = None,
        *,
        observer: Observer | None = None,
        on_task: Any = None,
    ) -> Rerun:
        """Get a rerun ready, without running it; see `rerun`."""
        node = self._changed_node(config)
        # Anew each time: inputs may have come to be there since.
        data = QuantumData(
            quantum_id=self.id,
            task_node=node,
            data_coordinate=self._data.data_coordinate,
            make_quantum=lambda: self._predicted,
        )
        return Rerun(
            # Before anything is read: what is made meanwhile makes the attempt too old, and not too new.
            input_versions=self.input_versions,
            data=data,
            butler=self.sandbox(observer),
            options=self.run.options,
            make_executor=self.run.quantum_executor,
            patches=tuple(self.patches),
            config_changes=changed_fields(self._node.config, node.config),
            reader=self._reader.opened,
            on_task=on_task,
        )

    def rerun(self, config: ConfigChange | None = None) -> Attempt:
        """Run the quantum once more from the inputs that are here, and keep what it writes in memory.

        Parameters
        ----------
        config
            Changes for this attempt, beside those of `config`: values by field name, or a function that changes a
            config, or a whole one.

        Returns
        -------
        attempt
            What came of it; what the task raises is in there.

        Raises
        ------
        UsageError
            Raised if the configuration is not right.
        """
        ready = self.prepare(config)
        self.warn_of_missing_inputs()
        return self.take(ready.run())

    def debug(
        self,
        break_at: BreakAt | Sequence[BreakAt] = (),
        *,
        pause_at: Iterable[PauseAt] | None = None,
        config: ConfigChange | None = None,
        on_change: Callable[[DebugSession], object] | None = None,
        start: bool = True,
    ) -> DebugSession:
        """Run the quantum once more, on a thread of its own, and pause in the middle of it; the notebook stays free.

        In a run that goes on, a quantum that is not done is held back first, so that the run leaves it to you;
        `promote` and `discard` end that.

        Parameters
        ----------
        break_at
            Where to pause: ``"file.py:42"``, ``"CalibrateTask.run"``, a function, or a pair of one of the latter two
            and a line (its number, or a part of its text); or several of these.
        pause_at
            Pause at each ``"entry"`` (of ``runQuantum``), ``"get"`` and ``"put"`` of a dataset, entry and exit of
            ``"subtasks"``, and at an ``"exception"`` that leaves the task, before the stack unwinds. By default at an
            exception, and at the entry if there is no `break_at`.
        config
            As for `rerun`.
        on_change
            Called with the session whenever something has changed.
        start
            Begin at once; otherwise, with ``session.start()``.

        Returns
        -------
        session
            See `DebugSession`: step, look, evaluate, go on. Its result is the `Attempt`, which is in `attempts`, too.

        Raises
        ------
        UsageError, BreakpointError
            Raised if there is no such place.
        """
        from .debugging import debug_quantum

        session = debug_quantum(
            self, break_at, pause_at=pause_at, config=config, on_change=on_change, start=start
        )
        self._sessions.add(session)
        return session

    @property
    def debug_sessions(self) -> list[DebugSession]:
        """The sessions of `debug` that run or are paused, oldest first."""
        # What is live is held by its thread, so that it is still there.
        return sorted((one for one in self._sessions if one.is_live), key=lambda session: session.number)

    def take(self, attempt: Attempt) -> Attempt:
        """Add an attempt to the list, and number it."""
        # Here, and not when it begins: others may begin and end meanwhile.
        with self._taking:
            attempt.number = 1 + max((each.number for each in self.attempts), default=0)
            self.attempts.append(attempt)
        return attempt

    def compare(self, attempt: Attempt | int | None = None, other: Attempt | int | None = None) -> Comparison:
        """Compare an attempt with another one, or with what is in the run.

        Parameters
        ----------
        attempt
            The newer one, or its number; the last one by default.
        other
            The older one, or its number, where 0 stands for what is in the run; by default, the successful attempt
            before, or else what is in the run.
        """
        from .comparison import compare_attempts

        return compare_attempts(self, self._attempt(attempt), other)

    def promote(self, attempt: Attempt | int | None = None, *, rerun_dependents: bool = False) -> Attempt:
        """Write what an attempt gave to the output run, and let the quanta that depend on it go on.

        Outputs, metadata (which tell of patches and changed fields) and log are written, all of them or none; journal
        and report tell of it. A run that goes on takes it between two quanta; one that is over goes on
        with `runs.resume` (``%pipetask resume``).

        Parameters
        ----------
        attempt
            The attempt, or its number; the last one by default.
        rerun_dependents
            If quanta that depend on this one are done already: remove their outputs, and have them run again.

        Raises
        ------
        RunError
            Raised if the attempt failed, was made from inputs that have been replaced since, or the run cannot take it
            now.
        """
        from .promotion import promote

        chosen = self._attempt(attempt)
        promote(self, chosen, rerun_dependents=rerun_dependents)
        chosen.promoted = True
        return chosen

    @property
    def handed_over(self) -> Attempt | None:
        """The attempt that was promoted and that the run, which goes on, has not taken yet."""
        if self.status is not QuantumStatus.HELD or self.run.state.is_final:
            return None
        return next((attempt for attempt in self.attempts if attempt.promoted), None)

    def discard(self) -> Discarded:
        """Forget all attempts, patches and changes of the configuration; a quantum that was held goes back to its run.

        What was promoted stays in the output run.

        Returns
        -------
        discarded
            What was forgotten, in words.
        """
        discarded = Discarded(
            self.name,
            attempts=len(self.attempts),
            patches=len(self.patches),
            fields=len(self.config_changes()),
            promoted=[attempt.number for attempt in self.attempts if attempt.promoted],
            released=self.status is QuantumStatus.HELD
            and not self.run.state.is_final
            and self.handed_over is None,
        )
        self.attempts.clear()
        self.unpatch()
        self.config = self._node.config.copy()
        if discarded.released:
            self.run.control.release(self.id)
        return discarded

    def hold(self) -> None:
        """Take the quantum out of a run that goes on, until `promote` or `discard`; the rest of it goes on."""
        self.run.control.hold(self.id)

    # What it looks like.

    def __repr__(self) -> str:
        return f"OpenQuantum({self.name!r}, {self.status})"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        from ..views.open_quantum import open_quantum_bundle

        return open_quantum_bundle(self)

    # What they stand on.

    def _attempt(self, which: Attempt | int | None) -> Attempt:
        if isinstance(which, Attempt):
            return which
        for attempt in reversed(self.attempts):
            if which is None or attempt.number == which:
                return attempt
        raise RunError(
            f"{self.name} has no attempt {which}." if which else f"{self.name} has not been run again yet.",
            hint="Run it with rerun().",
        )

    def _changed_node(self, change: ConfigChange | None) -> TaskNode:
        graph = self.run.graph.pipeline_graph
        node = self._node
        if changed_fields(node.config, self.config):
            node = with_config(graph, node, self.config)
        return node if change is None else with_config(graph, node, change)

    def _make_task(self, node: TaskNode, patches: tuple[Patch, ...] | None = None) -> PipelineTask:
        node.config.freeze()
        factory = PatchingTaskFactory(self.patches if patches is None else patches)
        return factory.makeTask(node, self.sandbox(), list(self._predicted.initInputs.values()))

"""Failures as plain records, for the displays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mpexec.display import failure_page
from jupyter_mpexec.display.failure_page import FailureView, FrameView
from jupyter_mpexec.display.frame_page import known_file
from jupyter_mpexec.errors import JournalError

if TYPE_CHECKING:
    from jupyter_mpexec.execution.workbench.failed_quantum import FailedQuantum
    from jupyter_mpexec.execution.workbench.failure_capsule import FailureCapsule

__all__ = ["capsule_bundle", "failed_quantum_bundle", "failure_view"]


def capsule_bundle(capsule: FailureCapsule) -> dict[str, str]:
    """Show a capsule."""
    return failure_page.failure_bundle(failure_view(capsule))


def failed_quantum_bundle(failed: FailedQuantum) -> dict[str, str]:
    """Show a quantum that failed: its capsule, or what the journal knows."""
    try:
        return capsule_bundle(failed.capsule)
    except JournalError:
        failure = failed.failure
        assert failure is not None, "It is one of those that failed."
        view = FailureView(
            name=failed.name,
            exception=failure.exception,
            message=failure.message,
            traceback=failure.traceback,
            log=failure.log,
        )
        return failure_page.failure_bundle(view)


def failure_view(capsule: FailureCapsule) -> FailureView:
    """Describe a capsule."""
    return FailureView(
        name=capsule.name,
        exception=capsule.exception,
        message=capsule.message,
        traceback=capsule.traceback,
        frames=[
            FrameView(
                place=f"{frame.function} ({known_file(frame.file)}:{frame.line})",
                line=frame.line,
                first_line=frame.first_line,
                source=frame.source,
                variables=[(v.name, v.type_name, v.detail, v.text) for v in frame.variables],
                left_out=frame.left_out,
            )
            for frame in capsule.frames
        ],
        config=capsule.config,
        log=capsule.log,
        versions=dict(capsule.versions),
        facts=[
            ("task", capsule.task_class),
            ("run", capsule.run_id),
            ("output run", capsule.output_run),
            ("process", f"{capsule.pid} on {capsule.host}" if capsule.host else ""),
        ],
    )

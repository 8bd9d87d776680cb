"""One run at a time writes to an output run: two would remove and write over each other's outputs."""

from __future__ import annotations

import contextlib
import hashlib
import os
from typing import Self

from ..errors import JournalError, RunError
from .file_lock import FileLock
from .run_folder import runs_folder

__all__ = ["OutputClaim", "claim_output"]

_SECONDS_TO_END = 1.0
"""A run that is killed takes a moment to be gone; and one that begins, to write its name."""


class OutputClaim(FileLock):
    """What a run has while it writes to an output run; no other run of this user can have it.

    It is a lock on a file with the name of the run in it, which is removed in the end.
    """

    @classmethod
    def inherited(cls, path: str, descriptor: int) -> Self:
        """Take over what the process that started this one has claimed.

        Parameters
        ----------
        path
            The file.
        descriptor
            Its number in both processes.
        """
        claim = cls(path)
        claim._descriptor = descriptor
        # Those that are started from here have nothing to do with it.
        os.set_inheritable(descriptor, False)
        return claim

    @property
    def descriptor(self) -> int:
        """Number of the open file; a process that inherits it holds the lock, too."""
        assert self._descriptor is not None, "Only of a lock that is held."
        return self._descriptor

    @property
    def is_in_place(self) -> bool:
        """Whether what is locked is the file at `path`, and not one that was removed in the meantime."""
        try:
            return os.path.samestat(os.fstat(self.descriptor), self.path.stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Give it back."""
        if self._descriptor is not None:
            # As long as it is locked, it is nobody else's.
            self.path.unlink(missing_ok=True)
        self.leave()

    def leave(self) -> None:
        """Have nothing to do with it any more; it stays with a process that has inherited it."""
        super().release()


def claim_output(run_id: str, repository: str, output_run: str) -> OutputClaim:
    """Keep other runs of this user from writing to an output run.

    Parameters
    ----------
    run_id
        Identifier of the run that is going to write.
    repository
        Root of the repository (see `repository.repository_root`).
    output_run
        Name of the RUN collection.

    Raises
    ------
    RunError
        Raised if another run does so now.
    JournalError
        Raised if that cannot be found out.
    """
    name = hashlib.sha256(f"{repository}\n{output_run}".encode()).hexdigest()[:32]
    claim = OutputClaim(runs_folder().with_name("outputs") / name)
    try:
        claim.path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        other = _take(claim, run_id)
    except OSError as error:
        claim.leave()
        raise JournalError(
            f"{claim.path} cannot be locked: {error.strerror}.",
            hint="Set JUPYTER_MPEXEC_DATA to a folder on a local disk that you may write to.",
        ) from error
    if other is not None:
        raise RunError(
            f"{f'The run {other}' if other else 'Another run'} is writing to {output_run} now, and only one can.",
            hint=f"Watch it with: %pipetask attach {other or 'last'}",
        )
    return claim


def _take(claim: OutputClaim, run_id: str) -> str | None:
    """Take a claim, or tell who has it: a run, or nobody knows who."""
    while True:
        if claim.acquire(seconds=_SECONDS_TO_END):
            if claim.is_in_place:
                claim.path.write_text(run_id, encoding="utf-8")
                return None
            # Whoever had it has just removed the file.
            claim.leave()
        else:
            with contextlib.suppress(FileNotFoundError):
                return claim.path.read_text(encoding="utf-8")

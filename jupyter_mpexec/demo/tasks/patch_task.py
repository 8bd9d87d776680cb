"""Base of the tasks that work on one patch and have to know which."""

from __future__ import annotations

__all__ = ["PatchTask"]

from typing import Any

from lsst.pipe.base import (
    InputQuantizedConnection,
    OutputQuantizedConnection,
    PipelineTask,
    QuantumContext,
)


class PatchTask(PipelineTask):
    """A `lsst.pipe.base.PipelineTask` whose ``run`` gets the patch ID as keyword ``patch``."""

    def runQuantum(  # noqa: N802  # upstream's name
        self,
        butlerQC: QuantumContext,  # noqa: N803  # upstream's name
        inputRefs: InputQuantizedConnection,  # noqa: N803  # upstream's name
        outputRefs: OutputQuantizedConnection,  # noqa: N803  # upstream's name
    ) -> None:
        """Read the inputs, call ``run``, write the outputs."""
        inputs: dict[str, Any] = butlerQC.get(inputRefs)
        assert butlerQC.quantum.dataId is not None
        butlerQC.put(self.run(patch=int(butlerQC.quantum.dataId["patch"]), **inputs), outputRefs)

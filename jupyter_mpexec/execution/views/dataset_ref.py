"""A reference to a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mpexec.display import html

from .data_id import data_id_table
from .wording import data_id_text, dimensions_text

if TYPE_CHECKING:
    from lsst.daf.butler import DatasetRef

__all__ = ["dataset_ref_bundle"]


def dataset_ref_bundle(ref: DatasetRef) -> dict[str, str]:
    """Show a dataset reference as text and HTML."""
    dataset_type = ref.datasetType
    text = (
        f"{dataset_type.name} ({dataset_type.storageClass_name}) at {data_id_text(ref.dataId.required)}"
        f" in run {ref.run}"
    )
    facts = [
        ("run", html.tag("code", ref.run)),
        ("storage class", dataset_type.storageClass_name),
        ("dimensions", dimensions_text(dataset_type.dimensions)),
        ("calibration", "yes" if dataset_type.isCalibration() else ""),
        ("dataset ID", html.tag("code", ref.id)),
    ]
    return html.bundle(
        text,
        html.page(
            html.heading(f"Dataset {dataset_type.name}"),
            data_id_table(ref.dataId),
            html.definition_list((name, value) for name, value in facts if value),
        ),
    )

"""A data ID: its values, and the records behind them where they are attached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mpexec.display import html

from .wording import data_id_text, value_text

if TYPE_CHECKING:
    from lsst.daf.butler import DataCoordinate

__all__ = ["data_id_bundle", "data_id_table"]


def data_id_bundle(data_id: DataCoordinate) -> dict[str, str]:
    """Show a data ID as text and HTML."""
    text = f"Data ID: {data_id_text(data_id.required)}"
    implied = _implied(data_id)
    if implied:
        text += f" ({data_id_text(implied)})"
    parts = [html.heading("Data ID"), data_id_table(data_id)]
    if data_id.hasRecords():
        parts.extend(_records(data_id))
    return html.bundle(text, html.page(*parts))


def data_id_table(data_id: DataCoordinate) -> html.Html:
    """Make the table of a data ID's dimensions and values."""
    rows = [(name, value_text(value), "required") for name, value in data_id.required.items()]
    rows += [(name, value_text(value), "implied") for name, value in _implied(data_id).items()]
    if not rows:
        return html.paragraph("The empty data ID: no dimensions.", muted=True)
    return html.table(["dimension", "value", "kind"], rows, caption="Values of the data ID")


def _implied(data_id: DataCoordinate) -> dict[str, int | str]:
    if not data_id.hasFull():
        return {}
    return {name: data_id[name] for name in data_id.dimensions.implied}


def _records(data_id: DataCoordinate) -> list[html.Html]:
    parts = []
    for name in data_id.dimensions.elements:
        record = data_id.records[name]
        if record is None:
            continue
        rows = [
            (field, value_text(value))
            for field, value in record.toDict().items()
            if value is not None and field not in data_id.required and field != "region"
        ]
        if rows:
            table = html.table(["field", "value"], rows, caption=f"Record of {name}")
            parts.append(html.details(f"{name} record", table))
    return parts

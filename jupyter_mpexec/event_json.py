"""Events as lines of JSON: `event_to_json` and `event_from_json` are exact inverses."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from .events import Event
from .status import RunState

__all__ = ["event_from_json", "event_to_json"]

_FIELD_TYPES: dict[str, dict[str, str]] = {}


def event_to_json(event: Event) -> str:
    """Turn an event into one line of JSON."""
    values = {f.name: getattr(event, f.name) for f in dataclasses.fields(event)}
    return json.dumps({"event": event.kind, **values}, default=_plain, separators=(",", ":"))


def event_from_json(line: str) -> Event:
    """Turn a line of JSON back into the event that it was made from.

    Raises
    ------
    ValueError
        Raised if the line is not JSON, or not an event that this version knows.
    """
    record = json.loads(line)
    try:
        cls = Event.classes[record.pop("event")]
        types = _field_types(cls)
        # A later version of the same schema may add fields: they are passed over.
        return cls(**{name: _typed(types[name], value) for name, value in record.items() if name in types})
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"Not an event record: {line[:200]!r}") from error


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def _field_types(cls: type[Event]) -> dict[str, str]:
    # Asked for once a line of a journal, of which there may be hundreds of thousands.
    if cls.kind not in _FIELD_TYPES:
        _FIELD_TYPES[cls.kind] = {f.name: str(f.type) for f in dataclasses.fields(cls)}
    return _FIELD_TYPES[cls.kind]


def _typed(text: str, value: Any) -> Any:
    if text == "RunState":
        return RunState(value)
    if text.startswith("tuple"):
        return tuple(value)
    if text == "Mapping[str, tuple[str, ...]]":
        return {key: tuple(items) for key, items in value.items()}
    return value

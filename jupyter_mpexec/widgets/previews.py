"""Small pictures of datasets, by storage class or by what the object is; others can be added.

A preview function gets the object and returns HTML as text, a PNG as bytes, or a two-dimensional array, which is shown
as an image with the stretch that the reader chose.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from jupyter_mpexec.display import formats
from jupyter_mpexec.display.html import Html, code, page, paragraph, table, tag
from jupyter_mpexec.execution.views.image_png import STRETCHES, as_image, png

__all__ = ["STRETCHES", "Preview", "preview", "register_preview"]

PreviewFunction = Callable[[Any], Any]

MOST_ROWS = 50
MOST_COLUMNS = 30
MOST_CHARACTERS = 20_000

_UNNAMED = "index"

_registered: dict[str | type, PreviewFunction] = {}


@dataclass(frozen=True)
class Preview:
    """What is shown of an object.

    Parameters
    ----------
    html
        The picture.
    is_image
        It is an image, for which a stretch can be chosen.
    """

    html: str
    is_image: bool = False


def register_preview(
    kind: str | type, function: PreviewFunction | None = None
) -> PreviewFunction | Callable[[PreviewFunction], PreviewFunction]:
    """Say how datasets are previewed in run panels.

    Parameters
    ----------
    kind
        Name of a storage class, or a Python class; subclasses count too. Storage classes come first.
    function
        Given the object, returns HTML (`str`), a PNG (`bytes`) or a two-dimensional array. Without it, this is a
        decorator.

    Examples
    --------
    >>> @register_preview("SkyWcs")
    ... def preview_wcs(wcs):
    ...     return f"<p>A projection: {wcs}</p>"
    """
    if function is None:
        return lambda given: register_preview(kind, given)
    _registered[kind] = function
    return function


def preview(obj: Any, storage_class: str = "", *, stretch: str = STRETCHES[0]) -> Preview:
    """Show an object.

    Parameters
    ----------
    obj
        The object.
    storage_class
        Name of its storage class.
    stretch
        How pixel values become shades, one of `STRETCHES`.
    """
    shown = _show(obj, storage_class)
    image = as_image(shown)
    if image is not None:
        height, width = image.shape[:2]
        data = base64.b64encode(png(image, stretch)).decode()
        picture = tag("img", src=f"data:image/png;base64,{data}", alt=f"Image of {width} × {height} pixels")
        caption = paragraph(f"{width} × {height} pixels", muted=True)
        return Preview(str(tag("div", picture, caption, class_="jmpx-image")), is_image=True)
    if isinstance(shown, bytes):
        data = base64.b64encode(shown).decode()
        picture = tag("img", src=f"data:image/png;base64,{data}", alt="Picture of the dataset")
        return Preview(str(tag("div", picture, class_="jmpx-image")))
    return Preview(str(shown))


def _show(obj: Any, storage_class: str) -> Any:
    function = _registered.get(storage_class)
    if function is None:
        function = next((_registered[cls] for cls in type(obj).__mro__ if cls in _registered), None)
    if function is not None:
        return function(obj)
    if as_image(obj) is not None:
        return obj
    for attempt in (_figure, _table, _mapping, _text):
        shown = attempt(obj)
        if shown is not None:
            return shown
    return _by_ipython(obj)


def _figure(obj: Any) -> bytes | None:
    if not hasattr(obj, "savefig"):
        return None
    import io

    stream = io.BytesIO()
    obj.savefig(stream, format="png", dpi=90)
    return stream.getvalue()


def _table(obj: Any) -> str | None:
    index: list[str] = []
    if hasattr(obj, "colnames"):  # astropy
        names, length = list(obj.colnames), len(obj)
        rows = ([row[name] for name in names] for row in obj[:MOST_ROWS])
    elif hasattr(obj, "itertuples") and hasattr(obj, "columns"):  # pandas
        names, length, index = list(map(_column_name, obj.columns)), len(obj), _index_names(obj.index)
        # First the rows: of a long table, all columns would be read.
        shown = obj.iloc[:MOST_ROWS]
        rows = ([*_index_cells(at, index), *row] for at, *row in shown.itertuples())
    elif hasattr(obj, "to_pylist") and hasattr(obj, "column_names"):  # pyarrow
        names, length = list(obj.column_names), obj.num_rows
        rows = (list(row.values()) for row in obj.slice(0, MOST_ROWS).to_pylist())
    else:
        return None
    widest = len(index) + MOST_COLUMNS
    cells = ([_value(cell) for cell in row[:widest]] for row in rows)
    size = f"{formats.plural(length, 'row')}, {formats.plural(len(names), 'column')}"
    size += f", indexed by {', '.join(index)}" if any(name != _UNNAMED for name in index) else ""
    parts = [f"{MOST_ROWS} rows"] if length > MOST_ROWS else []
    parts += [f"{MOST_COLUMNS} columns"] if len(names) > MOST_COLUMNS else []
    more = f"; the first {' and '.join(parts)}" if parts else ""
    return str(table([*index, *names][:widest], cells, caption=f"{size}{more}"))


def _column_name(name: Any) -> str:
    """Write the name of a column of pandas, which has several parts where columns are in groups."""
    return ", ".join(map(str, name)) if isinstance(name, tuple) else str(name)


def _index_names(index: Any) -> list[str]:
    """Name the levels of an index of pandas; the one that merely counts the rows is left out."""
    names = [_UNNAMED if name is None else _column_name(name) for name in index.names]
    counts = names == [_UNNAMED] and (getattr(index, "start", None), getattr(index, "step", None)) == (0, 1)
    return [] if counts else names


def _index_cells(at: Any, names: list[str]) -> list[Any]:
    if not names:
        return []
    return list(at) if len(names) > 1 else [at]


def _mapping(obj: Any) -> str | None:
    if not isinstance(obj, Mapping):
        return None
    rows = [(str(name), _value(value)) for name, value in islice(obj.items(), MOST_ROWS)]
    return str(table(["name", "value"], rows, caption=formats.plural(len(obj), "entry", "entries")))


def _text(obj: Any) -> Html | None:
    return code(obj[:MOST_CHARACTERS], label="Text") if isinstance(obj, str) else None


def _by_ipython(obj: Any) -> str | bytes:
    from IPython import get_ipython

    from jupyter_mpexec.execution.views import bundle_for

    shell = get_ipython()
    bundle: Mapping[str, Any] = bundle_for(obj)
    if "text/html" not in bundle and shell is not None and shell.display_formatter is not None:
        bundle = shell.display_formatter.format(obj)[0]
    if "text/html" in bundle:
        return str(bundle["text/html"])
    if isinstance(bundle.get("image/png"), bytes):
        return bytes(bundle["image/png"])
    text = str(bundle.get("text/plain", repr(obj)))
    return page(code(text[:MOST_CHARACTERS], label="Text"))


def _value(value: Any) -> str:
    if isinstance(value, float) or type(value).__name__.startswith("float"):
        return f"{value:.6g}"
    return formats.shorten(str(value), 60)

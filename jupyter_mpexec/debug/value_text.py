"""Any value as a short text: whatever it is, this does not fail, hang, or read a large array."""

from __future__ import annotations

import dataclasses
import inspect
import re
import threading
import types
from collections.abc import Callable, Iterable, Sized
from itertools import islice
from typing import Any, NamedTuple

from ..long_text import MESSAGE, trim

__all__ = ["ValueText", "describe", "describe_error", "error_message", "type_name"]

_LENGTH = 160
_ITEMS = 6
_DEPTH = 2
_PATIENCE = 0.5
_MANY_ITEMS = 1000
_BIG_INTEGER = 256  # bits; the time that decimal digits take grows with the square of their number

# Where code comes from that `dataclass` generates.
_GENERATED = "<string>"

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_SCALARS = (bool, float, complex, type(None), type(...), type(NotImplemented), range, slice)
_BRACKETS: dict[type, str] = {list: "[]", tuple: "()", set: "{}", frozenset: "{}"}
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)

# Types whose repr took too long once: nobody waits for them again.
_slow_types: set[type] = set()


class ValueText(NamedTuple):
    """A value in words.

    Parameters
    ----------
    text
        Its repr, or as much of it as is good to read.
    detail
        Shape and type of an array, number of items or characters; may be empty.
    """

    text: str
    detail: str = ""


def type_name(value: object) -> str:
    """Get the name of a value's type, with its module unless that is obvious."""
    kind = type(value)
    module = kind.__module__
    name = kind.__qualname__
    return name if module in ("builtins", "__main__") else f"{module}.{name}"


def describe(value: object, *, length: int = _LENGTH, patience: float = _PATIENCE) -> ValueText:
    """Say what a value is.

    Parameters
    ----------
    value
        Anything.
    length
        Number of characters of the text, at most.
    patience
        For how many seconds a foreign ``__repr__`` may take. It runs on a thread of its own; one that takes longer is
        left alone there, and its type is not asked again.

    Examples
    --------
    >>> describe([1, 2, "three"])
    ValueText(text="[1, 2, 'three']", detail='3 items')
    >>> describe(10**1000)
    ValueText(text='an integer of 3322 bits', detail='')
    """
    return _Describer(length, patience).describe(value)


def describe_error(error: BaseException) -> str:
    """Write an exception's type and message, or as much of it as is good to read."""
    try:
        return trim(f"{type(error).__name__}: {error}", MESSAGE)
    except Exception:
        return type(error).__name__


def error_message(error: BaseException) -> str:
    """Write an exception's message, which may be code that fails; it is then empty."""
    try:
        return str(error)
    except Exception:
        return ""


class _Describer:
    def __init__(self, length: int, patience: float) -> None:
        self._length = length
        self._patience = patience

    def describe(self, value: object) -> ValueText:
        kind = type(value)
        if _is_array(kind):
            return self._array(value)
        if _is_pandas(kind):
            return self._pandas(value)
        text = _shorten(self._text(value, _DEPTH), self._length)
        return ValueText(text, self._detail(value, kind))

    def _text(self, value: Any, depth: int) -> str:
        kind: Any = type(value)
        if kind is int:
            bits = value.bit_length()
            return repr(value) if bits <= _BIG_INTEGER else f"an integer of {bits} bits"
        if kind in _SCALARS:
            return repr(value)
        if kind in (str, bytes, bytearray):
            return repr(value[: self._length])
        if kind in _BRACKETS:
            return self._items(value, depth)
        if kind is dict:
            return self._dict(value, depth)
        if issubclass(kind, types.ModuleType):
            return f"<module {getattr(value, '__name__', '?')}>"
        if kind in _FUNCTIONS:
            return f"<function {getattr(value, '__qualname__', '?')}>"
        if _is_array(kind):
            return f"<{kind.__name__} {self._array(value).detail}>"
        if _is_pandas(kind):
            return f"<{kind.__name__} {self._pandas(value).detail}>"
        if kind.__repr__ is object.__repr__:
            return f"<{type_name(value)} object>"
        if dataclasses.is_dataclass(kind) and _is_generated(kind.__repr__):
            return self._fields(value, depth)
        if _is_long(value, kind):
            return f"<{type_name(value)} object>"
        return self._foreign(value, kind)

    def _fields(self, value: Any, depth: int) -> str:
        # What `dataclass` generates would write all of a long list that is in there.
        shown = [field.name for field in dataclasses.fields(value) if field.repr]
        texts = (f"{name}={self._text(getattr(value, name, '?'), depth - 1)}" for name in shown)
        return f"{type(value).__qualname__}({self._some(texts, len(shown), depth)})"

    def _items(self, value: Any, depth: int) -> str:
        brackets = _BRACKETS[type(value)]
        if not value:
            return repr(value)
        shown = self._some((self._text(item, depth - 1) for item in value), len(value), depth)
        if type(value) is tuple and len(value) == 1:
            shown += ","
        written = f"{brackets[0]}{shown}{brackets[1]}"
        return f"frozenset({written})" if type(value) is frozenset else written

    def _dict(self, value: dict[Any, Any], depth: int) -> str:
        # The items are copied at once: another thread may be adding some.
        pairs = list(islice(value.copy().items(), _ITEMS + 1)) if len(value) < 10_000 else []
        texts = (f"{self._text(k, depth - 1)}: {self._text(v, depth - 1)}" for k, v in pairs)
        return f"{{{self._some(texts, len(value), depth) if pairs or not value else '…'}}}"

    def _some(self, texts: Iterable[str], number: int, depth: int) -> str:
        if depth <= 0:
            return "…"
        try:
            shown = ", ".join(islice(texts, _ITEMS))
        except RuntimeError:  # changed by another thread meanwhile
            return "…"
        return f"{shown}, …" if number > _ITEMS else shown

    def _array(self, value: Any) -> ValueText:
        # All of this reads the array's header, and then a few elements of one row.
        shape, dtype = tuple(value.shape), value.dtype
        detail = f"{shape} {dtype}"
        if dtype.hasobject or dtype.names is not None:
            return ValueText(f"<{type(value).__name__}>", detail)
        row = value
        while row.ndim > 1 and 0 not in row.shape:
            row = row[0]
        first = [repr(item) for item in row[:_ITEMS].tolist()] if row.ndim == 1 else []
        if not shape:
            return ValueText(_shorten(repr(value.tolist()), self._length), detail)
        text = ", ".join(first) + (", …" if value.size > len(first) else "")
        opening = "[" * len(shape)
        closing = "]" * len(shape)
        return ValueText(_shorten(f"{opening}{text}{closing}", self._length), detail)

    def _pandas(self, value: Any) -> ValueText:
        # Its repr is a table, which makes no line; and nobody waits for one with millions of rows.
        if value.ndim == 1:
            values = ", ".join(repr(item) for item in value.iloc[:_ITEMS].tolist())
            more = ", …" if len(value) > _ITEMS else ""
            return ValueText(_shorten(f"[{values}{more}]", self._length), f"({len(value)},) {value.dtype}")
        rows, columns = value.shape
        names = [self._text(name, 1) for name in (*value.columns[:_ITEMS],)]
        text = (
            f"columns {', '.join([*names, '…'] if columns > len(names) else names)}"
            if names
            else "no columns"
        )
        index = [str(name) for name in value.index.names if name is not None]
        text += f"; index {', '.join(index)}" if index else ""
        return ValueText(_shorten(text, self._length), f"{rows:,} × {columns:,}")

    def _detail(self, value: Any, kind: type) -> str:
        if kind in (str, bytes, bytearray):
            unit = "characters" if kind is str else "bytes"
            return f"{len(value):,} {unit}" if len(value) > self._length else ""
        if kind in _BRACKETS or kind is dict:
            return _items_text(len(value))
        if (
            kind in _SCALARS
            or kind is int
            or kind in _FUNCTIONS
            or issubclass(kind, (types.ModuleType, type))
        ):
            return ""
        return self._ask(lambda: _foreign_detail(value), "", kind)

    def _foreign(self, value: object, kind: type) -> str:
        name = type_name(value)
        text = self._ask(lambda: str.__str__(repr(value)), f"<{name}: its repr takes too long>", kind)
        # Addresses differ from run to run, and tell nobody anything.
        return _ADDRESS.sub("", text[: 4 * self._length])

    def _ask(self, question: Callable[[], str], otherwise: str, kind: type) -> str:
        """Run somebody else's code, for a while."""
        if kind in _slow_types:
            return otherwise
        answer: list[str] = []

        def ask() -> None:
            try:
                answer.append(question())
            except BaseException as error:  # whatever it is, it is part of the answer
                answer.append(f"<{kind.__name__}: repr raised {type(error).__name__}>" if otherwise else "")

        # On a thread of its own: it may wait for a lock that the paused code holds, for ever.
        thread = threading.Thread(target=ask, name="jupyter_mpexec repr", daemon=True)
        thread.start()
        thread.join(self._patience)
        if answer:
            return answer[0]
        _slow_types.add(kind)
        return otherwise


def _is_array(kind: type) -> bool:
    """Tell whether values of a type are NumPy's own arrays: in memory, and cheap to index."""
    return kind.__module__ == "numpy" and kind.__name__ == "ndarray"


def _is_generated(method: Any) -> bool:
    code = getattr(inspect.unwrap(method), "__code__", None)
    return code is not None and code.co_filename == _GENERATED


def _is_pandas(kind: type) -> bool:
    """Tell whether values of a type are data frames or series of pandas."""
    return kind.__module__.partition(".")[0] == "pandas" and kind.__name__ in ("DataFrame", "Series")


def _is_long(value: object, kind: type) -> bool:
    """Tell whether a value is a long container of a kind that is written by C code, which nothing can break off."""
    if isinstance(kind.__repr__, types.FunctionType) or not issubclass(kind, Sized):
        return False
    return isinstance(kind.__len__, types.FunctionType) or len(value) > _MANY_ITEMS  # type: ignore[arg-type]  # it has a length


def _foreign_detail(value: Any) -> str:
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape:
        dtype = getattr(value, "dtype", None)
        return f"{shape} {dtype}" if dtype is not None else f"{shape}"
    return _items_text(len(value)) if hasattr(type(value), "__len__") else ""


def _items_text(number: int) -> str:
    return "1 item" if number == 1 else f"{number:,} items"


def _shorten(text: str, length: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[: length - 1]}…"

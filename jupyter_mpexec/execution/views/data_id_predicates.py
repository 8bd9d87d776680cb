"""What a data-ID expression is made of when it runs: predicates in three-valued logic.

True, False, or None where the data ID lacks the dimension; as in SQL, only True selects.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

from jupyter_mpexec.errors import QueryError

__all__ = ["Predicate", "Value", "all_of", "any_of", "compare", "is_in", "negate"]

Value = int | float | str
Predicate = Callable[[Mapping[str, int | str]], bool | None]

_COMPARISONS: dict[str, Callable[[Value, Value], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _check_types(name: str, value: int | str, other: Value) -> None:
    if isinstance(value, str) != isinstance(other, str):
        kind, example = ("a text", f"'{other}'") if isinstance(value, str) else ("a number", "42")
        raise QueryError(
            f"{name} is {kind}, and cannot be compared with {other!r}.",
            hint=f"Write for example: {name} = {example}",
        )


def compare(name: str, symbol: str, other: Value) -> Predicate:
    """``name <symbol> other``."""
    holds = _COMPARISONS[symbol]

    def evaluate(data_id: Mapping[str, int | str]) -> bool | None:
        value = data_id.get(name)
        if value is None:
            return None
        _check_types(name, value, other)
        return holds(value, other)

    return evaluate


def is_in(name: str, members: list[Value | range]) -> Predicate:
    """``name IN (members)``."""
    values = frozenset(member for member in members if not isinstance(member, range))
    ranges = [member for member in members if isinstance(member, range)]
    samples = [*values, *(0 for _ in ranges)]

    def evaluate(data_id: Mapping[str, int | str]) -> bool | None:
        value = data_id.get(name)
        if value is None:
            return None
        for sample in samples:
            _check_types(name, value, sample)
        return value in values or any(value in numbers for numbers in ranges)

    return evaluate


def negate(term: Predicate) -> Predicate:
    """``NOT term``."""

    def evaluate(data_id: Mapping[str, int | str]) -> bool | None:
        value = term(data_id)
        return None if value is None else not value

    return evaluate


def all_of(terms: list[Predicate]) -> Predicate:
    """``term AND term …``."""

    def evaluate(data_id: Mapping[str, int | str]) -> bool | None:
        values = [term(data_id) for term in terms]
        if False in values:
            return False
        return None if None in values else True

    return evaluate


def any_of(terms: list[Predicate]) -> Predicate:
    """``term OR term …``."""

    def evaluate(data_id: Mapping[str, int | str]) -> bool | None:
        values = [term(data_id) for term in terms]
        if True in values:
            return True
        return None if None in values else False

    return evaluate

"""Data-ID expressions, such as ``visit = 42 AND detector IN (1, 2)``, evaluated on plain data IDs.

The language is the part of Butler's query language that needs no database: comparisons, ``IN`` with lists and
ranges (``1..5``, ``0..20:5``), ``AND``, ``OR``, ``NOT`` and parentheses. As in SQL, a comparison with a
dimension that a data ID lacks is neither true nor false: ``visit = 42`` and ``NOT visit = 42`` both leave out
a data ID without visit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

from jupyter_mpexec.errors import QueryError, did_you_mean

from .data_id_predicates import Predicate, Value, all_of, any_of, compare, is_in, negate

__all__ = ["DataIdFilter", "compile_filter"]

_HINT = "Write for example: visit = 42 AND detector IN (1, 2, 10..20) AND band = 'r'"

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<range>-?\d+\s*\.\.\s*-?\d+(?:\s*:\s*\d+)?)
      | (?P<number>-?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?(?![\w.]))
      | (?P<string>'(?:[^']|'')*'|"(?:[^"]|"")*")
      | (?P<name>[A-Za-z_][\w.]*)
      | (?P<operator><=|>=|!=|<>|==|=|<|>)
      | (?P<punctuation>[(),])
    )""",
    re.VERBOSE,
)
_KEYWORDS = frozenset({"AND", "OR", "NOT", "IN"})
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class DataIdFilter:
    """A compiled expression: call it with a data ID.

    Parameters
    ----------
    expression
        What it was compiled from.
    names
        Dimensions that the expression names.
    """

    expression: str
    names: frozenset[str]
    _predicate: Predicate = field(repr=False, compare=False)

    def __call__(self, data_id: Mapping[str, int | str]) -> bool:
        """Tell whether the expression is true for a data ID.

        Raises
        ------
        QueryError
            Raised if a number is compared with a text.
        """
        return self._predicate(data_id) is True

    def check_names(self, known: Iterable[str]) -> None:
        """Check that the expression names known dimensions only.

        Raises
        ------
        QueryError
            Raised if it names another one; with a suggestion.
        """
        known = sorted(set(known))
        for name in sorted(self.names.difference(known)):
            raise QueryError(
                f"Unknown dimension {name!r} in {self.expression!r}.",
                hint=did_you_mean(name, known) or f"Dimensions here: {', '.join(known) or 'none'}.",
            )


def compile_filter(expression: str) -> DataIdFilter:
    """Compile a data-ID expression.

    Parameters
    ----------
    expression
        The expression; if it is blank, every data ID matches.

    Returns
    -------
    filter
        Callable that takes a mapping of dimension names to values and returns a bool.

    Raises
    ------
    QueryError
        Raised if the expression cannot be parsed.

    Examples
    --------
    >>> matches = compile_filter("visit = 42 AND detector IN (1..4)")
    >>> matches({"instrument": "Cam", "visit": 42, "detector": 3})
    True
    >>> matches({"instrument": "Cam", "visit": 43, "detector": 3})
    False
    """
    if not expression.strip():
        return DataIdFilter(expression, frozenset(), lambda data_id: True)
    parser = _Parser(expression)
    return DataIdFilter(expression, frozenset(parser.names), parser.predicate)


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


class _Parser:
    """Recursive descent, one method a level of precedence."""

    def __init__(self, expression: str) -> None:
        self.expression = expression
        self.names: set[str] = set()
        self._tokens = self._tokenize()
        self._next = 0
        self.predicate = self._either()
        if self._peek().kind != "end":
            self._fail(f"{self._found()} is not expected")

    def _tokenize(self) -> list[_Token]:
        tokens, position = [], 0
        end = len(self.expression.rstrip())
        while position < end:
            match = _TOKEN.match(self.expression, position)
            if match is None or match.lastgroup is None:
                start = position + len(self.expression[position:]) - len(self.expression[position:].lstrip())
                self._fail(f"{self.expression[start : start + 12]!r} cannot be read", start)
            kind, text = match.lastgroup, match[match.lastgroup]
            if kind == "name" and text.upper() in _KEYWORDS:
                kind = text = text.upper()
            tokens.append(_Token(kind, text, match.start(match.lastgroup)))
            position = match.end()
        return [*tokens, _Token("end", "the end", end)]

    def _fail(self, problem: str, position: int | None = None) -> NoReturn:
        column = (self._peek().position if position is None else position) + 1
        raise QueryError(f"{problem} at character {column} of the query {self.expression!r}.", hint=_HINT)

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _found(self) -> str:
        token = self._peek()
        return token.text if token.kind == "end" else repr(token.text)

    def _take(self, kind: str, text: str | None = None) -> _Token | None:
        token = self._peek()
        if token.kind != kind or (text is not None and token.text != text):
            return None
        self._next += 1
        return token

    def _need(self, text: str) -> None:
        if self._take("punctuation", text) is None:
            self._fail(f"{text!r} is needed, not {self._found()},")

    def _either(self) -> Predicate:
        terms = [self._both()]
        while self._take("OR"):
            terms.append(self._both())
        return terms[0] if len(terms) == 1 else any_of(terms)

    def _both(self) -> Predicate:
        terms = [self._negation()]
        while self._take("AND"):
            terms.append(self._negation())
        return terms[0] if len(terms) == 1 else all_of(terms)

    def _negation(self) -> Predicate:
        if self._take("NOT"):
            return negate(self._negation())
        if self._take("punctuation", "("):
            inner = self._either()
            self._need(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Predicate:
        if name := self._take("name"):
            self._check_name(name)
            negated = self._take("NOT") is not None
            if self._take("IN"):
                members = self._members()
                return negate(is_in(name.text, members)) if negated else is_in(name.text, members)
            symbol = self._take("operator")
            if negated or symbol is None:
                self._fail(f"A comparison or IN is needed after {name.text!r}, not {self._found()},")
            return compare(name.text, symbol.text, self._literal())
        value = self._literal()
        symbol = self._take("operator")
        mirrored = self._take("name")
        if symbol is None or mirrored is None:
            self._fail(f"A comparison with a dimension is needed, not {self._found()},")
        self._check_name(mirrored)
        return compare(mirrored.text, _MIRRORED.get(symbol.text, symbol.text), value)

    def _check_name(self, name: _Token) -> None:
        if "." in name.text:
            self._fail(f"{name.text!r} is not a dimension: metadata cannot be queried here,", name.position)
        self.names.add(name.text)

    def _literal(self) -> Value:
        if number := self._take("number"):
            return _number(number.text)
        if string := self._take("string"):
            return _string(string.text)
        token = self._peek()
        hint = f" (a text needs quotes: '{token.text}')" if token.kind == "name" else ""
        return self._fail(f"A value is needed, not {self._found()}{hint},")

    def _members(self) -> list[Value | range]:
        self._need("(")
        members = [self._member()]
        while self._take("punctuation", ","):
            members.append(self._member())
        self._need(")")
        return members

    def _member(self) -> Value | range:
        if token := self._take("range"):
            first, last, *step = (int(number) for number in re.findall(r"-?\d+", token.text))
            if step == [0]:
                self._fail("A range needs a step of 1 or more", token.position)
            return range(first, last + 1, *step)
        return self._literal()


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _string(text: str) -> str:
    quote = text[0]
    return text[1:-1].replace(quote * 2, quote)

"""Building blocks of HTML output.

Whatever is not `Html` already is escaped, everywhere: a caller cannot forget it.
"""

from __future__ import annotations

import html as _html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from jupyter_mpexec.status import QuantumStatus, RunState

from . import formats
from .status_style import READING_ORDER, StatusStyle, counts_text, run_style, status_style, word_in_run
from .stylesheet import page_stylesheet

__all__ = [
    "Column",
    "Html",
    "badge",
    "bar",
    "bundle",
    "code",
    "count_badges",
    "definition_list",
    "details",
    "escape",
    "figure",
    "heading",
    "items",
    "join",
    "page",
    "paragraph",
    "table",
    "tag",
]


class Html(str):
    """Text that is markup already, and is not escaped again."""

    __slots__ = ()


def escape(value: object) -> Html:
    """Turn anything into markup that shows it; `Html` stays as it is."""
    if isinstance(value, Html):
        return value
    return Html(_html.escape(formats.plain(str(value))))


def join(parts: Iterable[object], separator: str = "") -> Html:
    """Put parts together, escaping those that need it."""
    return Html(escape(separator).join(escape(part) for part in parts))


def tag(name: str, *children: object, **attributes: object) -> Html:
    """Make an element.

    Parameters
    ----------
    name
        Name of the element.
    children
        Its content, escaped unless it is `Html`.
    attributes
        Its attributes: ``class_`` stands for ``class`` and an underscore for a hyphen; one that is None or
        False is left out, and one that is True has no value.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _CLOSED and not children:
        return Html(f"<{name}{written}/>")
    return Html(f"<{name}{written}>{join(children)}</{name}>")


# Elements of SVG that may close themselves, and an HTML element that has no content.
_CLOSED = frozenset({"rect", "path", "img"})


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    key = key.rstrip("_").replace("_", "-")
    return f' {key}="{"" if value is True else escape(value)}"'


def page(*parts: object) -> str:
    """Wrap parts as one self-contained piece of HTML, with its scoped style sheet."""
    return str(tag("div", Html(f"<style>{page_stylesheet()}</style>"), *parts, class_="jmpx"))


def heading(text: object, level: int = 3) -> Html:
    """Make a heading; 3 is the size that suits a notebook cell's output."""
    return tag(f"h{level}", text, class_="jmpx-h")


def paragraph(*parts: object, muted: bool = False) -> Html:
    """Make a paragraph."""
    return tag("p", *parts, class_="jmpx-p jmpx-muted" if muted else "jmpx-p")


def items(values: Iterable[object]) -> Html:
    """Make a bulleted list."""
    return tag("ul", *(tag("li", value) for value in values), class_="jmpx-ul")


@dataclass(frozen=True)
class Column:
    """Head of a table's column.

    Parameters
    ----------
    title
        What it says: text or `Html`.
    numeric
        Align its cells to the right.
    """

    title: object
    numeric: bool = False


def table(columns: Sequence[Column | str], rows: Iterable[Sequence[object]], *, caption: object = "") -> Html:
    """Make a table whose first column names the rows.

    Parameters
    ----------
    columns
        Heads, in order; a plain string is a column of text.
    rows
        Cells, as many a row as there are columns.
    caption
        What the table shows, for everybody.
    """
    heads = [Column(column) if isinstance(column, str) else column for column in columns]
    classes = ["jmpx-num" if head.numeric else None for head in heads]
    top = tag("tr", *(tag("th", h.title, scope="col", class_=c) for h, c in zip(heads, classes, strict=True)))
    body = []
    for row in rows:
        cells = list(zip(row, classes, strict=True))
        first = [tag("th", cell, scope="row", class_=css) for cell, css in cells[:1]]
        body.append(tag("tr", *first, *(tag("td", cell, class_=css) for cell, css in cells[1:])))
    parts = [tag("caption", caption)] if caption else []
    content = tag("table", *parts, tag("thead", top), tag("tbody", *body), class_="jmpx-table")
    return _scrollable(content, label=caption or "Table")


def _scrollable(content: Html, *, label: object) -> Html:
    # A region that scrolls must be reachable with the keyboard, and so must have a name.
    return tag("div", content, class_="jmpx-scroll", tabindex=0, role="region", aria_label=label)


def details(summary: object, *body: object, open: bool = False) -> Html:  # noqa: A002  # HTML's own word
    """Make a part that folds, without any script."""
    return tag("details", tag("summary", summary), *body, open=open, class_="jmpx-details")


def definition_list(pairs: Iterable[tuple[object, object]]) -> Html:
    """Make a list of names and values."""
    return tag("dl", *(join((tag("dt", k), tag("dd", v))) for k, v in pairs), class_="jmpx-dl")


def code(text: object, *, label: str = "Code") -> Html:
    """Make a block of preformatted text."""
    return tag("pre", tag("code", text), class_="jmpx-code", tabindex=0, role="region", aria_label=label)


def badge(status: QuantumStatus | RunState, count: int | None = None) -> Html:
    """Show a state as glyph, word and colour, after a count if there is one."""
    style = status_style(status) if isinstance(status, QuantumStatus) else run_style(status)
    return _badge(style, style.word if count is None else f"{formats.number(count)} {style.word}")


def count_badges(counts: Mapping[QuantumStatus, int], state: RunState) -> Html:
    """Show how many quanta of a run are in which state."""
    badges = [
        _badge(status_style(status), f"{formats.number(counts[status])} {word_in_run(status, state)}")
        for status in READING_ORDER
        if counts.get(status)
    ]
    return tag("div", join(badges, " "), class_="jmpx-badges")


def _badge(style: StatusStyle, words: str) -> Html:
    glyph = tag("span", style.glyph, aria_hidden="true", class_="jmpx-glyph")
    return tag("span", glyph, Html("&#8201;"), words, class_=f"jmpx-badge {style.css_class}")


def bar(counts: Mapping[QuantumStatus, int], state: RunState | None = None) -> Html:
    """Make a thin bar of the shares of the states; the counts in words are its name."""
    total = sum(counts.values())
    pieces = [
        tag(
            "span",
            class_=status_style(status).css_class,
            style=f"width:{counts[status] / total * 100:.2f}%",
            title=f"{formats.number(counts[status])} {word_in_run(status, state)}",
        )
        for status in READING_ORDER
        if counts.get(status)
    ]
    return tag(
        "span", *pieces, class_="jmpx-bar", role="img", aria_label=counts_text(counts, state) or "nothing"
    )


def figure(svg: object, caption: object = "", *, label: str = "Diagram") -> Html:
    """Frame a picture: it scrolls sideways where it is wider than the page."""
    parts = [_scrollable(escape(svg), label=label)]
    if caption:
        parts.append(tag("figcaption", caption))
    return tag("figure", *parts, class_="jmpx-figure")


def bundle(text: str, html: str, svg: str | None = None) -> dict[str, str]:
    """Make what ``_repr_mimebundle_`` returns.

    Parameters
    ----------
    text, html, svg
        The same thing in three forms; `svg` may be left out.
    """
    forms = {"text/plain": text, "text/html": html}
    if svg is not None:
        forms["image/svg+xml"] = svg
    return forms

"""The style sheets, read once from package data and put together."""

from __future__ import annotations

import functools
import re
from importlib import resources

__all__ = ["page_stylesheet", "svg_stylesheet", "theme_stylesheet"]

# VS Code's attribute comes before Jupyter's (or that of Colab and of Sphinx themes), and that before what the
# browser prefers: the selectors are the more specific, the more they count, whichever block comes last.
_VSCODE = (
    'html body:is([data-vscode-theme-kind="vscode-{0}"],[data-vscode-theme-kind="vscode-high-contrast{1}"])'
)
_PAGE = ':is([data-jp-theme-light="{1}"],html[data-theme="{0}"],html[theme="{0}"])'
_LIGHT = f".jmpx,{_PAGE.format('light', 'true')} .jmpx,{_VSCODE.format('light', '-light')} .jmpx"
_DARK = f"{_PAGE.format('dark', 'false')} .jmpx,{_VSCODE.format('dark', '')} .jmpx"


@functools.cache
def theme_stylesheet() -> str:
    """Return the rules that give the colours of both themes their names, and each state its colour."""
    light, dark = _read("light"), _read("dark")
    return (
        f"{_LIGHT}{{{light}}}"
        f"@media (prefers-color-scheme:dark){{.jmpx{{{dark}}}}}"
        f"{_DARK}{{{dark}}}"
        f"{_read('states')}"
    )


@functools.cache
def svg_stylesheet() -> str:
    """Return the rules that an SVG needs when it stands alone: colours of both themes, and drawing."""
    return theme_stylesheet() + _read("drawing")


@functools.cache
def page_stylesheet() -> str:
    """Return the rules of a whole page, those of `svg_stylesheet` included."""
    return svg_stylesheet() + _read("page")


def _read(name: str) -> str:
    """Read a file of package data, without comments and line breaks."""
    text = resources.files(__package__).joinpath("css", f"{name}.css").read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r"\s*([{};,>]|:(?= ))\s*", r"\1", re.sub(r"\s+", " ", text)).replace(";}", "}").strip()

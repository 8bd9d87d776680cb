from __future__ import annotations

import re

import pytest

from jupyter_mpexec.display.stylesheet import page_stylesheet, svg_stylesheet


def palette(block: str) -> dict[str, str]:
    return dict(re.findall(r"(--jmpx-[a-z-]+):(#[0-9a-f]{6})", block))


def rules() -> list[tuple[str, str]]:
    """Split the style sheet into selectors and blocks; a media query is opened up, and marked."""
    css = page_stylesheet().replace("@media (prefers-color-scheme:dark){.jmpx{", "@dark .jmpx{")
    return re.findall(r"([^{}]+)\{([^{}]*)\}", css)


LIGHT, BY_PREFERENCE, BY_ATTRIBUTE = (palette(block) for _, block in rules() if "--jmpx-bg:" in block)


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


STATES = ["pending", "running", "succeeded", "no-work", "skipped", "failed", "blocked", "cancelled"]


@pytest.mark.parametrize("colours", [LIGHT, BY_ATTRIBUTE], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["bg", "panel", "task", "data", "cluster"])
@pytest.mark.parametrize("ink", ["text", "muted", *STATES])
def test_texts_can_be_read(colours, ground, ink):
    assert contrast(colours[f"--jmpx-{ink}"], colours[f"--jmpx-{ground}"]) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, BY_ATTRIBUTE], ids=["light", "dark"])
@pytest.mark.parametrize("line", ["edge", "task-edge", "data-edge", "accent"])
def test_lines_can_be_seen(colours, line):
    for ground in ("bg", "cluster"):
        assert contrast(colours[f"--jmpx-{line}"], colours[f"--jmpx-{ground}"]) >= 3


def test_both_themes_define_the_same_colours_and_dark_is_one():
    assert set(LIGHT) == set(BY_ATTRIBUTE)
    assert BY_PREFERENCE == BY_ATTRIBUTE
    assert luminance(LIGHT["--jmpx-bg"]) > 0.9
    assert luminance(BY_ATTRIBUTE["--jmpx-bg"]) < 0.05


def specificity(selector: str) -> tuple[int, int]:
    inner = selector
    for match in re.findall(r":is\(([^()]*)\)", selector):
        heaviest = max(match.split(","), key=lambda s: (s.count("["), bool(re.match("[a-z]", s))))
        inner = inner.replace(f":is({match})", heaviest)
    names = len(re.findall(r"(?:^| )(?:html|body)\b", inner))
    return inner.count("[") + inner.count("."), names


def test_the_editor_counts_more_than_jupyter_and_jupyter_more_than_preference():
    weights = {}
    for selectors, block in rules():
        if "--jmpx-bg:" not in block:
            continue
        for selector in re.split(r",(?![^()]*\))", selectors):
            theme = "dark" if palette(block) == BY_ATTRIBUTE else "light"
            who = "vscode" if "vscode" in selector else "jupyter" if "jp-theme" in selector else "none"
            weights[who, theme] = specificity(selector.removeprefix("@dark "))
    for theme in ("light", "dark"):
        for other in ("light", "dark"):
            assert weights["vscode", theme] > weights["jupyter", other] > weights["none", other]


def test_rules_touch_nothing_outside():
    for selectors, _ in rules():
        for selector in re.split(r",(?![^()]*\))", selectors):
            assert "jmpx" in selector


def test_a_lone_svg_has_no_rules_for_pages():
    assert "table" not in svg_stylesheet()
    assert svg_stylesheet() in page_stylesheet()
    assert "<" not in page_stylesheet()

"""A survey to try things on: a real Butler repository, pipelines for it, and the truth to check them with.

Importing this package is cheap; what it names is loaded on first use.
"""

from __future__ import annotations

__all__ = [
    "DemoRepository",
    "HubbleRepository",
    "SurveyReport",
    "check_survey",
    "make_hubble_repository",
    "make_repository",
]

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .hubble import HubbleRepository, make_hubble_repository
    from .repository import DemoRepository, make_repository
    from .truth import SurveyReport, check_survey

_HOME = {
    "DemoRepository": "repository",
    "HubbleRepository": "hubble",
    "SurveyReport": "truth",
    "check_survey": "truth",
    "make_hubble_repository": "hubble",
    "make_repository": "repository",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__

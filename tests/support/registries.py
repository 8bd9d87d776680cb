"""Tests that have to pass with every kind of registry."""

from __future__ import annotations

import pytest

on_every_registry = pytest.mark.parametrize("repository", ["sqlite", "postgresql"], indirect=True)
"""Run a test with a repository of each kind; without this mark, it is SQLite."""

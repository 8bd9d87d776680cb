"""The notebook variable that holds the quantum that was opened last."""

__all__ = ["LAST_QUANTUM"]

LAST_QUANTUM = "_quantum"
"""Its name."""

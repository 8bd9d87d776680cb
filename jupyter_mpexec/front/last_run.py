"""The notebook variable that holds the last run."""

__all__ = ["LAST_RUN"]

LAST_RUN = "_run"
"""Its name; it holds runs that failed, too."""

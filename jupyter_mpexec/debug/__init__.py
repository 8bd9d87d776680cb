"""Stopping inside running code, looking at it and changing it: the standard library only."""

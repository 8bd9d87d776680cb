"""State of a run as views need it: folded from events, kept small, and told in changes."""

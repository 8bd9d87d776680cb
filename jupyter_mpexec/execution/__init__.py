"""Building and running: the only place, beside the demo, that imports the Rubin middleware."""

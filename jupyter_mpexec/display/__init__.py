"""From views to text, HTML and SVG: pure functions that know neither the middleware nor Jupyter."""

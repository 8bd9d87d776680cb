"""Front doors: magics, completion, displays in IPython, and the command line. Thin: parse, call, show."""

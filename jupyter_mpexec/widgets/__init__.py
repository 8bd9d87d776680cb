"""Live views of runs in a notebook, made of ipywidgets: the run panel and what it consists of."""

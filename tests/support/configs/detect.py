config.threshold.sigma = 7.0  # noqa: F821  # what a config file is given

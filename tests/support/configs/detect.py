config.threshold.sigma = 7.0  # noqa: F821

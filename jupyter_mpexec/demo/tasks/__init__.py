"""The tasks of the demo pipelines, one in each module."""

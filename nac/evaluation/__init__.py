"""A trained network against a data set: counting, measuring, reporting."""

"""A trained network against a data set: counting, networks, reporting."""

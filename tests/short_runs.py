"""A plugin that lets runs be shorter than anyone would want them, for tests of whole runs."""

from nac.construction import time_plan

time_plan.SHORTEST_TRAINING = 5.0

PLUGIN = "tests.short_runs"
MINUTES = 0.9

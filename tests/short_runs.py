"""How tests of whole runs make these short: by a plugin, which commands and jobs import."""

PLUGIN = "tests.short_runs_plugin"
MINUTES = 0.6

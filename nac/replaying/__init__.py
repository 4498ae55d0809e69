"""The decision rules of pruning policies, replayed on a table of trained networks."""

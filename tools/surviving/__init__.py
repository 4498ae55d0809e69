"""Kills runs, continues them with the same command, and compares what they have made."""

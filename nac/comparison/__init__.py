"""Comparison of networks: its jobs, its result, and how significant that is."""

"""Damaged input files: whether each is answered with one line, in time, and within memory."""

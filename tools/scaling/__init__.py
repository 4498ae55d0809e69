"""Computes what a construction on ImageNet should take on machines that are not at hand."""

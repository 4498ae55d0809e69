"""Diagrams of networks with matplotlib, which the extra ``report`` brings."""

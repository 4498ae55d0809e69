"""Diagrams of networks, drawn with matplotlib (installed by the extra ``report``)."""

"""Experiment files for people: chosen for their images, or copied from the templates of nac."""

"""A run: its directory, its jobs in fresh processes, its iterations. Imports no TensorFlow."""

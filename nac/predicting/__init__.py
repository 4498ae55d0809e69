"""Class names and probabilities for image files."""

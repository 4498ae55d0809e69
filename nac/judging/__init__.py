"""What each branch of a trained network is worth, and which ranking knows it."""

"""What people and machines see of a run: events, and displays that show them. No TensorFlow."""

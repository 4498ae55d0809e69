"""The construction algorithm (paper, section 2 and Algorithm 1). Pure Python, no TensorFlow."""

"""A run directory as tables, figures and one HTML page; read only, no TensorFlow model is built."""

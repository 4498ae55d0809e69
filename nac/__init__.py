"""Neural architecture construction with EnvelopeNets, in TensorFlow and Keras.

Importing this package is cheap and needs no TensorFlow: the rooms below it are imported when they
are asked for. Keras finds the custom layers of a saved ``.keras`` model by their module path.
"""

__version__ = "0.1.0"

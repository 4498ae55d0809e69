"""Neural architecture construction with EnvelopeNets, in TensorFlow and Keras.

Importing this package is cheap and needs no TensorFlow. Once Keras is imported too, before or
after, the custom layers are registered, so ``keras.models.load_model`` reads a saved network.
"""

import importlib

__version__ = "0.1.0"

try:
    import wrapt
except ImportError:  # wrapt comes with TensorFlow; without it there are no models to load
    pass
else:
    wrapt.when_imported("keras")(lambda _: importlib.import_module("nac.models"))

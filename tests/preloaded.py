"""What the process has imported that those of :mod:`tests.forks` are forked from.

Nothing of ``nac`` is, so that each process imports it as if it were the first to do so.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras  # noqa: F401
import tensorflow  # noqa: F401

"""A network starts from the weights of the one that it was made from by a restructuring.

What each weight is worth depends on its channels, so weights follow these
(:mod:`nac.construction.inheritance`). What the restructured network has in addition hardly changes
what it computes at first:

* New channels of an old layer have fresh weights, but the weights that read them are zero. Both
  learn: the gradient of what reads a channel does not vanish with it.
* A new envelope cell passes on what it receives. Its skip machinery lets the direct input through
  and nothing else, and each channel of its branches that can copies one channel: a kernel that is
  one at its center and zero elsewhere. Batch norm takes mean and deviation from a copy. The shift
  gives the mean back, so that ReLU cuts nothing off, and what reads the channel multiplies by the
  deviation (batch norm itself does if it has a scale). Both are measured on a few batches.

What remains is what pruning itself changes, and what does not fit into a narrower layer.
"""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from nac.architecture.keys import layer_name
from nac.construction.inheritance import Channel, Positions, Succession
from nac.models.branches import Branch
from nac.models.cells import BranchCell
from nac.training.averages import WeightAverage

"""A new envelope cell that passes on what it receives, until it has learned something better.

It replaces what its readers read before: the output of its predecessor. With random weights it
would cut the network in two.

Its skip machinery lets the direct input through and nothing else. Then each channel of its branches
copies a channel, by a kernel that is one in the center and zero elsewhere; that is possible in all
branches, whatever their size. Batch norm has the last word, though. It subtracts the mean of the
copy, divides by its deviation and adds a shift:

* To leave the copy whole behind ReLU, the shift would have to be mean over deviation. But the mean
  square of such a channel is three times that of others. So by the paper's ranking, no branch of a
  new cell would ever be pruned, and inheritance is there for the ranking.
* With :data:`SHIFT` it is like that of others. Small values are cut off, and larger ones are scaled
  up, so that the mean square is also that of what was copied and readers can stay as they are.

On the digits both put out as many right answers as the pruned network without the new cells.
"""

import numpy as np

from nac.construction.inheritance import Positions
from nac.models.branches import Branch
from nac.models.cells import BranchCell
from nac.training.former_layer import is_dense, is_separable
from nac.training.inherited_arrays import copying_filters, copying_kernel

SHIFT = -0.36
"""Shift of batch norm for a copy. The mean of x² behind ReLU is then one half if the copy is of
max(0, z) for a normal z, and so it is of max(0, z) itself."""


def let_through(cell: BranchCell, passed: Positions) -> None:
    """Let each channel of a cell copy a channel of its direct input.

    Args:
        cell: The cell, untrained.
        passed: For each of its channels the channel of the direct input, None to leave it fresh.
    """
    if cell.skip is not None:
        # Its ReLU changes nothing, because the direct input comes from one. Only where a learned
        # branch gate is negative the copies are zero, and the cell has to learn without them.
        _, _, inputs, outputs = cell.skip.kernel.shape
        cell.skip.kernel.assign(np.eye(inputs, outputs)[np.newaxis, np.newaxis])
    width = cell.branches[0].filters
    for number, branch in enumerate(cell.branches):
        _copy(branch, passed[number * width : (number + 1) * width])


def _copy(branch: Branch, passed: Positions) -> None:
    layer, norm = branch.convolution, branch.normalization
    if is_dense(layer):
        layer.kernel.assign(copying_kernel(layer.kernel.numpy(), passed))
    elif is_separable(layer):
        filters, kernel = layer.depthwise_kernel, layer.pointwise_kernel
        filters.assign(copying_filters(filters.numpy(), passed))
        kernel.assign(copying_kernel(kernel.numpy(), passed))
    copies = [channel is not None for channel in passed]
    norm.beta.assign(np.where(copies, SHIFT, norm.beta.numpy()))

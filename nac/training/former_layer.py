"""The trained weights of a layer, given to the layer that it has become."""

from dataclasses import dataclass

import keras
import numpy as np

from nac.config.rankings import BRANCH_GATE
from nac.construction.inheritance import Positions
from nac.models.branches import Branch
from nac.training.inherited_arrays import inherited_filters, inherited_kernel, inherited_vector
from nac.training.weights_file import SavedWeights
from nac.utils.errors import JobError


@dataclass(frozen=True)
class Inputs:
    """The channels that a layer reads.

    Attributes:
        rows: For each of them its position among those that it read before, None for a new one.
        before: Number of channels that it read before.
    """

    rows: Positions
    before: int

    @classmethod
    def numbered(cls, now: int, before: int) -> "Inputs":
        """Return inputs that are told apart by their numbers alone."""
        return cls(tuple(n if n < before else None for n in range(now)), before)

    @property
    def unchanged(self) -> bool:
        """Whether the layer reads what it read before."""
        return self.rows == tuple(range(self.before))

    def repeated(self, times: int) -> "Inputs":
        """Return the inputs of a layer that reads the channels of several pixels in turn."""
        rows = tuple(
            None if row is None else pixel * self.before + row
            for pixel in range(times)
            for row in self.rows
        )
        return Inputs(rows, times * self.before)


@dataclass(frozen=True)
class FormerLayer:
    """A layer of the trained network.

    Attributes:
        saved: The weights of that network.
        name: Name of the layer, with which the paths of its variables begin.
    """

    saved: SavedWeights
    name: str

    def gives_vector(self, variable: keras.Variable, name: str = "") -> None:
        """Let a variable inherit values of output channels, or its only value.

        Args:
            variable: The variable.
            name: Its former name within the layer, by default the present one.
        """
        old = self.saved.get(self._former(variable, name), [None] * len(variable.shape))
        variable.assign(inherited_vector(variable.numpy(), old))

    def gives_kernel(self, variable: keras.Variable, inputs: Inputs, name: str = "") -> None:
        """Let a variable inherit a kernel, (..., inputs, outputs)."""
        shape = (*variable.shape[:-2], inputs.before, None)
        old = self.saved.get(self._former(variable, name), shape)
        variable.assign(inherited_kernel(variable.numpy(), old, inputs.rows))

    def gives_filters(self, variable: keras.Variable, inputs: Inputs, name: str = "") -> None:
        """Let a variable inherit depthwise filters, (height, width, inputs, 1)."""
        shape = (*variable.shape[:-2], inputs.before, 1)
        old = self.saved.get(self._former(variable, name), shape)
        variable.assign(inherited_filters(variable.numpy(), old, inputs.rows))

    def gives_branch(self, branch: Branch, inputs: Inputs) -> None:
        """Let a branch inherit its convolution, batch norm and gate."""
        self._gives_convolution(branch, inputs)
        gate = [] if branch.gate is None else [branch.gate]
        for variable in [*branch.normalization.weights, *gate]:
            self.gives_vector(variable)

    def _gives_convolution(self, branch: Branch, inputs: Inputs) -> None:
        """Let the convolution of a branch inherit its weights.

        What the weights of layers mean that plugins add is not known. Such a layer inherits them if
        it reads what it read before and their shapes are as before; otherwise it starts anew.
        """
        layer, names = branch.convolution, self._names(branch)
        if is_dense(layer):
            self.gives_kernel(layer.kernel, inputs, names[0])
        elif is_separable(layer):
            self.gives_filters(layer.depthwise_kernel, inputs, names[0])
            self.gives_kernel(layer.pointwise_kernel, inputs, names[1])
        elif inputs.unchanged:
            olds = [self.saved.arrays[f"{self.name}/{name}"] for name in names]
            _assign_if_alike(layer.trainable_variables, olds)

    def _names(self, branch: Branch) -> list[str]:
        """Return the names of the weights of a branch's convolution within the layer, in order.

        Layers of plugins may have other names in each network, as Keras counts them.

        Raises:
            JobError: There are more or fewer weights than the branch has now.
        """
        start = f"{self.name}/{branch.name}/"
        others = (f"{start}{branch.normalization.name}/", f"{start}{BRANCH_GATE}")
        paths = (path for path in self.saved.arrays if path.startswith(start))
        names = [path[len(self.name) + 1 :] for path in paths if not path.startswith(others)]
        count = len(branch.convolution.trainable_variables)
        if len(names) != count:
            raise JobError(
                f"{self.saved.path}: {self.name}/{branch.name}/{branch.convolution.name}:"
                f" expected {count} arrays, received {len(names)}"
            )
        return names

    def _former(self, variable: keras.Variable, name: str) -> str:
        return f"{self.name}/{name or _within(variable)}"


def is_dense(layer: keras.layers.Layer) -> bool:
    """Return whether a layer is a convolution over all channels, with a kernel and nothing else."""
    return type(layer) is keras.layers.Conv2D and layer.groups == 1 and not layer.use_bias


def is_separable(layer: keras.layers.Layer) -> bool:
    """Return whether a layer has a filter per channel and a pointwise kernel, and nothing else."""
    plain = type(layer) is keras.layers.SeparableConv2D and layer.depth_multiplier == 1
    return plain and not layer.use_bias


def _assign_if_alike(variables: list[keras.Variable], olds: list[np.ndarray]) -> None:
    if [tuple(variable.shape) for variable in variables] == [old.shape for old in olds]:
        for variable, old in zip(variables, olds, strict=True):
            variable.assign(old)


def _within(variable: keras.Variable) -> str:
    """Return the name of a variable within its layer of the network."""
    return variable.path.partition("/")[2]

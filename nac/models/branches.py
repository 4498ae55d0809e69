"""The branches of a cell: what each one consists of, and how all of them are computed at once."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from nac.config.rankings import BRANCH_GATE
from nac.models.blocks import make_block
from nac.models.instruments import FeaturemapMetrics
from nac.models.layers import Shape, build_chain, register
from nac.models.merging import convolutions
from nac.models.normalization import BatchNormalization, normalized_by_batch


@register
class Branch(keras.layers.Layer):
    """One branch of a cell: a convolution, batch norm and ReLU.

    This is the convolution block of the paper's section 2, the unit that construction prunes. As in
    AMLA (stubs/tf/cell_main.py), batch norm comes before ReLU.

    Args:
        block: Name of the convolution block, such as ``3x3sep``.
        filters: Number of channels that the branch puts out.
        gated: Whether to multiply the output by a learnable gate, which starts at one.
        scaled: Whether batch norm multiplies each channel by a learnable scale.
    """

    def __init__(
        self, block: str, filters: int, gated: bool = False, scaled: bool = False, **kwargs
    ):
        super().__init__(**kwargs)
        self.block, self.filters, self.gated, self.scaled = block, filters, gated, scaled
        self.gate = None
        self.convolution = make_block(block, filters, self.dtype_policy)
        self.normalization = BatchNormalization(
            scale=scaled, name="batch_norm", dtype=self.dtype_policy
        )

    def build(self, input_shape: Shape) -> None:
        """Build the layers of the branch."""
        build_chain([self.convolution, self.normalization], input_shape)
        if self.gated:
            self.gate = self.add_weight(name=BRANCH_GATE, shape=(), initializer="ones")

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return the featuremap, (batch, height, width, filters)."""
        return branch_outputs([self], inputs, training)

    def get_config(self) -> dict:
        """Return the arguments that recreate the layer."""
        return {
            **super().get_config(),
            "block": self.block,
            "filters": self.filters,
            "gated": self.gated,
            "scaled": self.scaled,
        }


def branch_outputs(
    branches: Sequence[Branch],
    inputs: tf.Tensor,
    training: bool = False,
    metrics: FeaturemapMetrics | None = None,
) -> tf.Tensor:
    """Return the featuremaps of branches side by side, (batch, height, width, channels).

    A branch is convolution, batch norm, ReLU and gate. After the convolutions, all branches
    of a cell take these steps together, because a few operations on many channels take less time
    than many operations on a few channels.

    Args:
        branches: Branches of equal numbers of filters.
        inputs: Their common input.
        training: Whether this is a training step.
        metrics: What measures the featuremaps in training steps, if anything does.
    """
    convolved = convolutions(branches, inputs, training)
    if training or branches[0].normalization.calibrating:
        outputs = _by_batch(branches, convolved, metrics if training else None)
    else:
        outputs = _by_moving_averages(branches, convolved)
    return _gated(branches, outputs)


def _by_batch(
    branches: Sequence[Branch],
    convolved: Sequence[tf.Tensor],
    metrics: FeaturemapMetrics | None,
) -> tf.Tensor:
    """Return the featuremaps after ReLU, normalized by batch statistics, and measure them."""
    # Since ReLU(g x) = g ReLU(x) for g > 0, a gate of one before ReLU is one behind it.
    outputs, (mean, variance) = normalized_by_batch(
        [branch.normalization for branch in branches],
        tf.concat(convolved, axis=-1),
        None if metrics is None else metrics.unit_gates,
    )
    outputs = tf.nn.relu(outputs)
    if metrics is not None:
        # Measured after ReLU, because batch norm alone leaves each channel with variance one,
        # whatever the convolution contributes; and before gate and dropout, so that they do not
        # change what is measured of the convolution.
        metrics.count(outputs, variance + tf.square(mean))
    return outputs


def _by_moving_averages(branches: Sequence[Branch], convolved: Sequence[tf.Tensor]) -> tf.Tensor:
    """Return the featuremaps after ReLU, normalized by moving averages.

    There is an output for each convolution then. Each is normalized by itself, so that exporters
    can make scale and center part of the convolution's weights.
    """
    normalized = []
    for branch, values in zip(branches, convolved, strict=True):
        with tf.name_scope(branch.name):
            normalized.append(branch.normalization(values))
    return tf.nn.relu(tf.concat(normalized, axis=-1))


def _gated(branches: Sequence[Branch], outputs: tf.Tensor) -> tf.Tensor:
    if branches[0].gate is None:
        return outputs
    gates = [tf.cast(tf.convert_to_tensor(branch.gate), outputs.dtype) for branch in branches]
    owners = np.repeat(np.arange(len(gates)), branches[0].filters)
    return outputs * tf.gather(tf.stack(gates), owners)

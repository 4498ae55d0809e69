"""The cells between stem and classifier: one composite Keras layer per entry of an architecture.

Composite layers give each variable a path such as ``layer03/Branch2/conv/kernel`` that
TensorBoard groups by layer and branch.
"""

import keras
import tensorflow as tf

from nac.config.rankings import BRANCH_GATE
from nac.models.blocks import make_block
from nac.models.instruments import FeaturemapMetric
from nac.models.layers import (
    BatchNormalization,
    Dropout,
    GatedSkip,
    build_chain,
    register,
)


@register
class Branch(keras.layers.Layer):
    """One branch of a cell: convolution, batch norm, ReLU, featuremap metrics, and maybe a gate.

    Args:
        block: name of the convolution block, for instance ``3x3sep``.
        filters: channels that it puts out.
        collect_statistics: whether featuremap metrics are measured.
        gated: whether the output is multiplied by a learnable gate, one at first.
    """

    def __init__(self, block, filters, collect_statistics=True, gated=False, **kwargs):
        super().__init__(**kwargs)
        self.block, self.filters, self.gated = block, filters, gated
        self.gate = None
        self.convolution = make_block(block, filters, self.dtype_policy)
        self.normalization = BatchNormalization(name="batch_norm", dtype=self.dtype_policy)
        self.metric = (
            FeaturemapMetric(name="metric", dtype=self.dtype_policy) if collect_statistics else None
        )

    def build(self, input_shape):
        """Build the layers of the branch."""
        shape = build_chain([self.convolution, self.normalization], input_shape)
        if self.metric is not None:
            self.metric.build(shape)
        if self.gated:
            self.gate = self.add_weight(name=BRANCH_GATE, shape=(), initializer="ones")

    def call(self, inputs, training=False):
        """Return the featuremap, (batch, height, width, filters)."""
        convolved = self.convolution(inputs)
        outputs = tf.nn.relu(self.normalization(convolved, training=training))
        if self.metric is not None:
            outputs = self.metric(outputs, convolved, training=training)
        return outputs if self.gate is None else outputs * tf.convert_to_tensor(self.gate)

    def get_config(self):
        """Return the arguments that rebuild the layer."""
        return {
            **super().get_config(),
            "block": self.block,
            "filters": self.filters,
            "collect_statistics": self.metric is not None,
            "gated": self.gated,
        }


@register
class BranchCell(keras.layers.Layer):
    """A layer of parallel branches; with all of them it is an envelope cell.

    The input passes the skip machinery if there is any, then each branch; the branches are
    concatenated in order and thinned by dropout (the same as dropout on each branch).

    Args:
        branches: (name, block) pairs in order.
        outputs: target channels; each branch has ``outputs // len(branches)``.
        sources: indices of the skip inputs; None for no skip machinery at all.
        collect_statistics: whether featuremap metrics are measured.
        dropout: share of the outputs dropped in training.
        seed: of the dropout.
        return_joined: whether to return the gated concatenation of the inputs too.
        branch_gates: whether each branch has a learnable gate.

    Input shape:
        a list: the direct input, then one featuremap per source, all of one height and width.
    """

    def __init__(
        self,
        branches,
        outputs,
        sources=None,
        collect_statistics=True,
        dropout=0.2,
        seed=0,
        return_joined=False,
        branch_gates=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.options = {
            "branches": [list(branch) for branch in branches],
            "outputs": outputs,
            "sources": None if sources is None else list(sources),
            "collect_statistics": collect_statistics,
            "dropout": dropout,
            "seed": seed,
            "return_joined": return_joined,
            "branch_gates": branch_gates,
        }
        policy = self.dtype_policy
        filters = outputs // len(branches)
        self.skip = None
        if sources is not None:
            self.skip = GatedSkip(sources, return_joined, name="skip", dtype=policy)
        self.branches = [
            Branch(block, filters, collect_statistics, branch_gates, name=name, dtype=policy)
            for name, block in branches
        ]
        self.dropout = Dropout(dropout, seed, name="dropout", dtype=policy)

    @property
    def normalizations(self) -> list[BatchNormalization]:
        """All batch norms of the cell, in order."""
        return [branch.normalization for branch in self.branches]

    def build(self, input_shape):
        """Build skip machinery, branches and dropout."""
        if self.skip is not None:
            self.skip.build(input_shape)
        for branch in self.branches:
            branch.build(input_shape[0])
        self.dropout.build(input_shape[0])

    def call(self, inputs, training=False):
        """Return the featuremap, (batch, height, width, branches * filters)."""
        direct = inputs[0] if self.skip is None else self.skip(inputs)
        joined = None
        if self.options["return_joined"]:
            direct, joined = direct
        outputs = [branch(direct, training=training) for branch in self.branches]
        outputs = self.dropout(tf.concat(outputs, axis=-1), training=training)
        return outputs if joined is None else (outputs, joined)

    def get_config(self):
        """Return the arguments that rebuild the layer."""
        return {**super().get_config(), **self.options}


def batch_normalizations(model: keras.Model) -> list[BatchNormalization]:
    """Return all batch norms of a network, in order."""
    return [found for layer in model.layers for found in getattr(layer, "normalizations", ())]


def featuremap_metrics(model: keras.Model) -> list[FeaturemapMetric]:
    """Return the featuremap metrics of all branches of a network, in order."""
    cells = [layer for layer in model.layers if isinstance(layer, BranchCell)]
    metrics = [branch.metric for cell in cells for branch in cell.branches]
    return [metric for metric in metrics if metric is not None]


@register
class PoolingCell(keras.layers.Layer):
    """Reduction cell without weights: its inputs concatenated, then max-pooled 2x2.

    Args:
        skip_first: how many of the first inputs are left out (AMLA's widener2 does not use the
            output of the layer before it, which so still belongs to the network).

    Input shape:
        a list of featuremaps of one height and width.
    """

    def __init__(self, skip_first=0, **kwargs):
        super().__init__(**kwargs)
        self.skip_first = skip_first

    def call(self, inputs):
        """Return the pooled concatenation, half as high and wide, rounded up."""
        return tf.nn.max_pool2d(tf.concat(inputs[self.skip_first :], axis=-1), 2, 2, "SAME")

    def get_config(self):
        """Return the arguments that rebuild the layer."""
        return {**super().get_config(), "skip_first": self.skip_first}


@register
class WidenerCell(keras.layers.Layer):
    """Reduction cell: 2x2 max-pool beside a stride-2 3x3 conv (bias, ReLU), concatenated.

    Args:
        filters: channels of the convolution; they are added to those of the input.

    Input shape:
        (batch, height, width, channels); the output has half the height and width, rounded up.
    """

    def __init__(self, filters, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.convolution = keras.layers.Conv2D(
            filters,
            3,
            strides=2,
            padding="same",
            activation="relu",
            name="conv",
            dtype=self.dtype_policy,
        )

    def build(self, input_shape):
        """Build the convolution."""
        self.convolution.build(input_shape)

    def call(self, inputs):
        """Return the pooled input and the convolution, concatenated."""
        pooled = tf.nn.max_pool2d(inputs, 2, 2, "SAME")
        return tf.concat([pooled, self.convolution(inputs)], axis=-1)

    def get_config(self):
        """Return the arguments that rebuild the layer."""
        return {**super().get_config(), "filters": self.filters}

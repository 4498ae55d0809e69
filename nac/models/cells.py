"""The cells between stem and classifier: one composite Keras layer per entry of an architecture.

Composite layers give each variable a path such as ``layer03/Branch2/conv/kernel``, by which
TensorBoard groups variables by layer and branch.
"""

from collections.abc import Sequence

import keras
import tensorflow as tf

from nac.models.branches import Branch, branch_outputs
from nac.models.cell import Cell
from nac.models.instruments import FeaturemapMetrics
from nac.models.layers import Dropout, GatedSkip, RandomLayer, Shape, register
from nac.models.normalization import BatchNormalization


@register
class BranchCell(Cell):
    """A layer of parallel branches. With all M branches it is the paper's EnvelopeCell (section 2).

    The inputs are joined by the skip machinery if there is any. The result goes through each
    branch, and the branches' outputs are concatenated in order. Dropout is applied to the
    concatenation, which is the same as on each branch.

    Args:
        branches: (name, block) pairs in order.
        outputs: Target number of channels. Each branch has ``outputs // len(branches)``.
        sources: Indices of the skip inputs. None means that there is no skip machinery at all.
        collect_statistics: Whether to measure the featuremaps of the branches.
        dropout: Share of the outputs that is dropped in training.
        seed: Seed of the dropout.
        return_joined: Whether to also return the gated concatenation of the inputs.
        branch_gates: Whether each branch has a learnable gate.
        batch_norm_scale: Whether batch norm has a learnable scale.

    Input shape:
        A list: the direct input, then one featuremap per source, all of one height and width.

    Example:
    >>> cell = BranchCell([("Branch0", "1x1"), ("Branch1", "3x3sep")], outputs=8)
    >>> cell([tf.ones((2, 16, 16, 3))]).shape
    TensorShape([2, 16, 16, 8])
    """

    def __init__(
        self,
        branches: Sequence[tuple[str, str]],
        outputs: int,
        sources: Sequence[int] | None = None,
        collect_statistics: bool = True,
        dropout: float = 0.2,
        seed: int = 0,
        return_joined: bool = False,
        branch_gates: bool = False,
        batch_norm_scale: bool = False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.target_channels, self.return_joined = outputs, return_joined
        self.branch_gates, self.batch_norm_scale = branch_gates, batch_norm_scale
        policy = self.dtype_policy
        self.skip = None
        if sources is not None:
            self.skip = GatedSkip(sources, return_joined, name="skip", dtype=policy)
        self.branches = [
            Branch(
                block,
                filters=outputs // len(branches),
                gated=branch_gates,
                scaled=batch_norm_scale,
                name=name,
                dtype=policy,
            )
            for name, block in branches
        ]
        self.featuremap_metrics = None
        if collect_statistics:
            self.featuremap_metrics = FeaturemapMetrics(len(branches), name="metrics", dtype=policy)
        self.dropout = Dropout(dropout, seed, name="dropout", dtype=policy)

    @property
    def normalizations(self) -> list[BatchNormalization]:
        """All batch norms of the cell, in order."""
        return [branch.normalization for branch in self.branches]

    @property
    def normalized_together(self) -> list[list[BatchNormalization]]:
        """All of them, as one operation normalizes all branches."""
        return [self.normalizations]

    @property
    def random_layers(self) -> list[RandomLayer]:
        """The dropout of the cell."""
        return [self.dropout]

    def build(self, input_shape: Sequence[Shape]) -> None:
        """Build skip machinery, branches, metrics and dropout."""
        if self.skip is not None:
            self.skip.build(input_shape)
        for branch in self.branches:
            branch.build(input_shape[0])
        if self.featuremap_metrics is not None:
            channels = sum(branch.filters for branch in self.branches)
            self.featuremap_metrics.build((*input_shape[0][:-1], channels))
        self.dropout.build(input_shape[0])

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape | tuple[Shape, Shape]:
        """Return the shape of the featuremap, and of the gated inputs if they are returned too."""
        size = tuple(input_shape[0][:-1])
        outputs = (*size, sum(branch.filters for branch in self.branches))
        joined = (*size, sum(shape[-1] for shape in input_shape))
        return (outputs, joined) if self.return_joined else outputs

    def compute(
        self, inputs: Sequence[tf.Tensor], training: bool = False
    ) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor]:
        """Return the featuremap, (batch, height, width, branches * filters)."""
        direct = inputs[0] if self.skip is None else self.skip(inputs, training=training)
        joined = None
        if self.return_joined:
            direct, joined = direct
        outputs = branch_outputs(self.branches, direct, training, self.featuremap_metrics)
        outputs = self.dropout(outputs, training=training)
        return outputs if joined is None else (outputs, joined)

    def get_config(self) -> dict:
        """Return the arguments that recreate the layer."""
        return {
            **super().get_config(),
            "branches": [[branch.name, branch.block] for branch in self.branches],
            "outputs": self.target_channels,
            "sources": None if self.skip is None else list(self.skip.sources),
            "collect_statistics": self.featuremap_metrics is not None,
            "dropout": self.dropout.rate,
            "seed": self.dropout.seed,
            "return_joined": self.return_joined,
            "branch_gates": self.branch_gates,
            "batch_norm_scale": self.batch_norm_scale,
        }


def batch_normalizations(model: keras.Model) -> list[BatchNormalization]:
    """Return all batch norms of a network, in order."""
    return [norm for layer in model.layers for norm in getattr(layer, "normalizations", ())]


def branch_cells(model: keras.Model) -> list[BranchCell]:
    """Return the cells of branches of a network, in order."""
    return [layer for layer in model.layers if isinstance(layer, BranchCell)]


def featuremap_metrics(model: keras.Model) -> list[FeaturemapMetrics]:
    """Return the featuremap metrics of all cells of a network that measure, in order."""
    metrics = [cell.featuremap_metrics for cell in branch_cells(model)]
    return [metric for metric in metrics if metric is not None]


@register
class PoolingCell(keras.layers.Layer):
    """Reduction cell without weights: concatenates its inputs and max-pools them 2x2.

    Args:
        skip_first: How many of the first inputs to ignore. (AMLA's widener2 does not use the
            output of the layer before it, which must still be part of the network.)

    Input shape:
        A list of featuremaps of one height and width. The output has half of both, rounded up.
    """

    def __init__(self, skip_first: int = 0, **kwargs):
        super().__init__(**kwargs)
        self.skip_first = skip_first

    def call(self, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
        """Return the pooled concatenation."""
        return tf.nn.max_pool2d(tf.concat(inputs[self.skip_first :], axis=-1), 2, 2, "SAME")

    def get_config(self) -> dict:
        """Return the arguments that recreate the layer."""
        return {**super().get_config(), "skip_first": self.skip_first}


@register
class WidenerCell(Cell):
    """The paper's widener (section 2): halves height and width, and adds channels.

    Concatenates a 2x2 max-pool and a 3x3 convolution of stride 2 (with bias and ReLU).

    Args:
        filters: Channels of the convolution, which are added to those of the input.

    Input shape:
        (batch, height, width, channels). The output has half of height and width, rounded up.
    """

    def __init__(self, filters: int, **kwargs):
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

    def build(self, input_shape: Shape) -> None:
        """Build the convolution."""
        self.convolution.build(input_shape)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of the output."""
        *size, channels = self.convolution.compute_output_shape(input_shape)
        return (*size, channels + input_shape[-1])

    def compute(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return the pooled input and the convolution, concatenated."""
        pooled = tf.nn.max_pool2d(inputs, 2, 2, "SAME")
        return tf.concat([pooled, self.convolution(inputs)], axis=-1)

    def get_config(self) -> dict:
        """Return the arguments that recreate the layer."""
        return {**super().get_config(), "filters": self.filters}

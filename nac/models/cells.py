"""The cells of a network as composite Keras layers: one per entry of an architecture.

Composite layers give each variable a path such as ``layer03/Branch2/conv/kernel`` that
TensorBoard groups by layer and branch.
"""

import keras
import tensorflow as tf

from nac import fixed_cells
from nac.fixed_cells import Block
from nac.models.blocks import make_block
from nac.models.layers import (
    BatchNormalization,
    Cutout,
    Dropout,
    FeaturemapMetric,
    GatedSkip,
    LocalResponseNormalization,
    register,
)
from nac.schema import Section


def _build_chain(layers, shape):
    """Build layers that follow each other; return the shape after the last."""
    for layer in layers:
        layer.build(shape)
        shape = layer.compute_output_shape(shape)
    return shape


@register
class Branch(keras.layers.Layer):
    """One branch of a cell: convolution, batch norm, ReLU, and the featuremap metric.

    Args:
        block: name of the convolution block, for instance ``3x3sep``.
        filters: channels that it puts out.
        collect_statistics: whether the featuremap metric is measured.
    """

    def __init__(self, block, filters, collect_statistics=True, **kwargs):
        super().__init__(**kwargs)
        self.block, self.filters = block, filters
        self.convolution = make_block(block, filters, self.dtype_policy)
        self.normalization = BatchNormalization(name="batch_norm", dtype=self.dtype_policy)
        self.metric = (
            FeaturemapMetric(name="metric", dtype=self.dtype_policy) if collect_statistics else None
        )

    def build(self, input_shape):
        """Build the layers of the branch."""
        shape = _build_chain([self.convolution, self.normalization], input_shape)
        if self.metric is not None:
            self.metric.build(shape)

    def call(self, inputs, training=False):
        """Return the featuremap, (batch, height, width, filters)."""
        outputs = self.normalization(self.convolution(inputs), training=training)
        outputs = tf.nn.relu(outputs)
        return outputs if self.metric is None else self.metric(outputs, training=training)

    def get_config(self):
        """Return the arguments that rebuild the layer."""
        return {
            **super().get_config(),
            "block": self.block,
            "filters": self.filters,
            "collect_statistics": self.metric is not None,
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
        }
        policy = self.dtype_policy
        filters = outputs // len(branches)
        self.skip = None
        if sources is not None:
            self.skip = GatedSkip(sources, return_joined, name="skip", dtype=policy)
        self.branches = [
            Branch(block, filters, collect_statistics, name=name, dtype=policy)
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


def _stem_layer(
    layer: str, block: Block, always_bias: bool, seed: int, dtype
) -> keras.layers.Layer:
    options = {"name": f"{layer}_{block.branch}_{block.kind}", "dtype": dtype}
    if block.kind == "conv2d":
        return keras.layers.Conv2D(
            block.option("outputs"),
            block.option("kernel_size"),
            strides=block.option("stride", 1),
            padding="same",
            use_bias=always_bias or block.option("bias", True),
            activation="relu",
            **options,
        )
    if block.kind == "max_pool":
        size = block.option("kernel_size")
        return keras.layers.MaxPooling2D(size, strides=2, padding="same", **options)
    if block.kind == "dropout":
        return Dropout(1.0 - block.option("keep_prob"), seed, **options)
    if block.kind == "cutout":
        return Cutout(block.option("size"), seed, **options)
    return LocalResponseNormalization(**options)


@register
class Stem(keras.layers.Layer):
    """First cell of a network (AMLA's init cell, stubs/tf/cell_init.py).

    Args:
        cell: the JSON of an ``init_cell``.
        seed: of its random layers.
        amla_compatible: AMLA's convolutions have a bias even where the file says false.
    """

    def __init__(self, cell, seed=0, amla_compatible=False, **kwargs):
        super().__init__(**kwargs)
        self.cell, self.seed, self.amla_compatible = cell, seed, amla_compatible
        self.convolution_sizes = {}
        layers = fixed_cells.parse_stem(Section(cell, "init_cell"))
        self.steps = [
            [
                _stem_layer(
                    layer.name, block, amla_compatible, seed + 10 * i + j, self.dtype_policy
                )
                for j, block in enumerate(layer.blocks)
            ]
            for i, layer in enumerate(layers)
        ]

    def build(self, input_shape):
        """Build all layers, in the order in which data passes them."""
        shape = input_shape
        for branches in self.steps:
            shapes = [_build_chain([branch], shape) for branch in branches]
            for branch, built in zip(branches, shapes, strict=True):
                if isinstance(branch, keras.layers.Conv2D):
                    self.convolution_sizes[branch.kernel.path] = built[1:3]
            shape = (*shapes[0][:-1], sum(part[-1] for part in shapes))

    def call(self, inputs, training=False):
        """Return the featuremap that enters stage 1."""
        outputs = inputs
        for branches in self.steps:
            parts = [_call(branch, outputs, training) for branch in branches]
            outputs = parts[0] if len(parts) == 1 else tf.concat(parts, axis=-1)
        return outputs

    def get_config(self):
        """Return the arguments that rebuild the layer."""
        return {
            **super().get_config(),
            "cell": self.cell,
            "seed": self.seed,
            "amla_compatible": self.amla_compatible,
        }


def _call(layer, inputs, training):
    if isinstance(layer, Dropout | Cutout):
        return layer(inputs, training=training)
    return layer(inputs)


def _classifier_layer(block: Block, name: str, seed: int, dtype) -> keras.layers.Layer:
    options = {"name": name, "dtype": dtype}
    if block.kind == "reduce_mean":
        return keras.layers.GlobalAveragePooling2D(**options)
    if block.kind == "flatten":
        return keras.layers.Flatten(**options)
    if block.kind == "dropout":
        return Dropout(1.0 - block.option("keep_prob"), seed, **options)
    options["name"] = "dense" if block.kind == "fc-final" else f"{name}_dense"
    if block.kind == "fc":
        return keras.layers.Dense(block.option("outputs"), activation="relu", **options)
    spread = keras.initializers.TruncatedNormal(stddev=1.0 / block.option("inputs"))
    return keras.layers.Dense(block.option("outputs"), kernel_initializer=spread, **options)


@register
class Classifier(keras.layers.Layer):
    """Last cell of a network: featuremaps to logits (AMLA, stubs/tf/cell_classification.py).

    Args:
        cell: the JSON of a ``classification_cell``.
        seed: of its dropout.
    """

    def __init__(self, cell, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.cell, self.seed = cell, seed
        layers = fixed_cells.parse_classifier(Section(cell, "classification_cell"))
        self.steps = [
            _classifier_layer(layer.blocks[0], layer.name, seed + i, self.dtype_policy)
            for i, layer in enumerate(layers)
        ]

    def build(self, input_shape):
        """Build all layers, in the order in which data passes them."""
        _build_chain(self.steps, input_shape)

    def call(self, inputs, training=False):
        """Return logits, (batch, classes)."""
        outputs = inputs
        for layer in self.steps:
            outputs = _call(layer, outputs, training)
        return outputs

    def get_config(self):
        """Return the arguments that rebuild the layer."""
        return {**super().get_config(), "cell": self.cell, "seed": self.seed}

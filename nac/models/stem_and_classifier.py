"""The cells that construction never changes, as composite Keras layers: stem and classifiers."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from nac.architecture import fixed_cells
from nac.architecture.fixed_cells import Block
from nac.models.cell import Cell
from nac.models.layers import (
    Cutout,
    Dropout,
    LocalResponseNormalization,
    RandomLayer,
    Shape,
    build_chain,
    register,
)
from nac.utils.schema import Section


@register
class Stem(Cell):
    """First cell of a network (AMLA's init cell, stubs/tf/cell_init.py).

    Args:
        cell: The JSON of an ``init_cell``.
        seed: Seed of its random layers.
        amla_compatible: Whether convolutions have a bias even if ``cell`` says that they do not,
            as in AMLA.
    """

    def __init__(
        self, cell: dict[str, Any], seed: int = 0, amla_compatible: bool = False, **kwargs
    ):
        super().__init__(**kwargs)
        self.cell, self.seed, self.amla_compatible = cell, seed, amla_compatible
        self.convolution_sizes: dict[str, tuple[int, int]] = {}
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

    @property
    def random_layers(self) -> list[RandomLayer]:
        """All dropouts and cutouts."""
        layers = [layer for branches in self.steps for layer in branches]
        return [layer for layer in layers if isinstance(layer, RandomLayer)]

    def build(self, input_shape: Shape) -> None:
        """Build all layers, in the order in which data passes them."""
        shape = input_shape
        for branches in self.steps:
            output_shape = _side_by_side(branches, shape)
            for branch in branches:
                branch.build(shape)
                if isinstance(branch, keras.layers.Conv2D):
                    self.convolution_sizes[branch.kernel.path] = output_shape[1:3]
            shape = output_shape

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of the featuremap."""
        for branches in self.steps:
            input_shape = _side_by_side(branches, input_shape)
        return input_shape

    def compute(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return the featuremap that enters stage 1."""
        outputs = inputs
        for branches in self.steps:
            parts = [_call(branch, outputs, training) for branch in branches]
            outputs = parts[0] if len(parts) == 1 else tf.concat(parts, axis=-1)
        return outputs

    def get_config(self) -> dict:
        """Return the arguments that recreate the layer."""
        return {
            **super().get_config(),
            "cell": self.cell,
            "seed": self.seed,
            "amla_compatible": self.amla_compatible,
        }


def _side_by_side(layers: Sequence[keras.layers.Layer], input_shape: Shape) -> Shape:
    """Return the shape of the outputs of layers of one input, concatenated."""
    shapes = [layer.compute_output_shape(input_shape) for layer in layers]
    return (*shapes[0][:-1], sum(shape[-1] for shape in shapes))


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


def _call(layer: keras.layers.Layer, inputs: tf.Tensor, training: bool) -> tf.Tensor:
    if isinstance(layer, Dropout | Cutout | LocalResponseNormalization):
        return layer(inputs, training=training)
    return layer(inputs)


@register
class Classifier(keras.layers.Layer):
    """Last cell of a network: featuremaps to logits (AMLA, stubs/tf/cell_classification.py).

    Args:
        cell: The JSON of a ``classification_cell``.
        seed: Seed of its dropout.
    """

    def __init__(self, cell: dict[str, Any], seed: int = 0, **kwargs):
        super().__init__(**kwargs)
        self.cell, self.seed = cell, seed
        layers = fixed_cells.parse_classifier(Section(cell, "classification_cell"))
        self.steps = [
            _classifier_layer(layer.blocks[0], layer.name, seed + i, self.dtype_policy)
            for i, layer in enumerate(layers)
        ]

    def build(self, input_shape: Shape) -> None:
        """Build all layers, in the order in which data passes them."""
        build_chain(self.steps, input_shape)

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return logits, (batch, classes)."""
        outputs = inputs
        for layer in self.steps:
            outputs = _call(layer, outputs, training)
        return outputs

    def get_config(self) -> dict:
        """Return the arguments that recreate the layer."""
        return {**super().get_config(), "cell": self.cell, "seed": self.seed}


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
    initializer = keras.initializers.TruncatedNormal(stddev=1.0 / block.option("inputs"))
    return keras.layers.Dense(block.option("outputs"), kernel_initializer=initializer, **options)


@register
class Head(keras.layers.Layer):
    """An auxiliary classifier, whose loss trains the middle of a network.

    It takes the mean over all pixels of each channel, then computes logits.

    Args:
        outputs: Number of classes.
        amla_compatible: Whether to build AMLA's form: a flattened featuremap instead of the mean,
            and ReLU and dropout on the logits.
        dropout: Share of the logits that AMLA's form drops in training.
        seed: Seed of the dropout.
    """

    def __init__(
        self,
        outputs: int,
        amla_compatible: bool = False,
        dropout: float = 0.2,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.options = {
            "outputs": outputs,
            "amla_compatible": amla_compatible,
            "dropout": dropout,
            "seed": seed,
        }
        policy = self.dtype_policy
        summary = keras.layers.Flatten if amla_compatible else keras.layers.GlobalAveragePooling2D
        self.summary = summary(name="summary", dtype=policy)
        activation = "relu" if amla_compatible else None
        self.dense = keras.layers.Dense(outputs, activation=activation, name="dense", dtype=policy)
        rate = dropout if amla_compatible else 0.0
        self.dropout = Dropout(rate, seed, name="dropout", dtype=policy)

    def build(self, input_shape: Shape) -> None:
        """Build the layers of the head."""
        build_chain([self.summary, self.dense, self.dropout], input_shape)

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return logits, (batch, classes)."""
        return self.dropout(self.dense(self.summary(inputs)), training=training)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return (batch, classes)."""
        return (input_shape[0], self.options["outputs"])

    def get_config(self) -> dict:
        """Return the arguments that recreate the layer."""
        return {**super().get_config(), **self.options}

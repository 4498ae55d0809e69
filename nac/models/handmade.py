"""Networks that people made by hand: :mod:`nac.architecture.handmade` as Keras models."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from nac.architecture.handmade import Handmade
from nac.architecture.keys import layer_name
from nac.architecture.operations import Block, Operation
from nac.models.cell import Cell
from nac.models.convolutions import dense, on_fast_cpu
from nac.models.layers import Cutout, Shape, register
from nac.models.normalization import BatchNormalization
from nac.utils.records import from_json, to_json


@register
class HandmadeBlock(Cell):
    """A block of a network made by hand: its operations, and the shortcut around them if any.

    Args:
        block: The JSON form of a :class:`nac.architecture.operations.Block`.

    Input shape:
        (batch, height, width, channels).

    Example:
    >>> block = Block((Operation("conv", 8, size=3, stride=2), Operation("norm")))
    >>> HandmadeBlock(to_json(block))(tf.ones((2, 16, 16, 3))).shape
    TensorShape([2, 8, 8, 8])
    """

    def __init__(self, block: dict[str, Any], **kwargs):
        super().__init__(**kwargs)
        self.block = from_json(Block, block, "block")
        self.convolution_sizes: dict[str, tuple[int, int]] = {}
        self.main = self._keras_layers(self.block.main, "")
        self.shortcut = self._keras_layers(self.block.shortcut or (), "shortcut_")
        self.after = self._keras_layers(self.block.after, "after_")

    def _keras_layers(
        self, operations: Sequence[Operation], prefix: str
    ) -> list[keras.layers.Layer]:
        layers = []
        for number, operation in enumerate(operations, start=1):
            name = "dense" if operation.kind == "dense" else f"{prefix}{operation.kind}{number}"
            layers.append(_LAYERS[operation.kind](operation, name=name, dtype=self.dtype_policy))
        return layers

    @property
    def normalizations(self) -> list[BatchNormalization]:
        """All batch norms of the block, in order."""
        layers = [*self.main, *self.shortcut, *self.after]
        return [layer for layer in layers if isinstance(layer, BatchNormalization)]

    def build(self, input_shape: Shape) -> None:
        """Build all layers."""
        self._build_chain(self.after, self._build_chain(self.main, input_shape))
        self._build_chain(self.shortcut, input_shape)

    def _build_chain(self, layers: Sequence[keras.layers.Layer], shape: Shape) -> Shape:
        for layer in layers:
            layer.build(shape)
            shape = layer.compute_output_shape(shape)
            if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
                self.convolution_sizes[layer.kernel.path] = tuple(shape[1:3])
        return shape

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of the featuremap, or (batch, classes) after a dense layer."""
        for layer in (*self.main, *self.after):
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    def compute(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return the featuremap, or logits after a dense layer."""
        outputs = _run(self.main, inputs, training)
        if self.block.shortcut is not None:
            outputs += _run(self.shortcut, inputs, training)
        return _run(self.after, outputs, training)

    def get_config(self) -> dict:
        """Return the arguments that recreate the layer."""
        return {**super().get_config(), "block": to_json(self.block)}


def _run(layers: Sequence[keras.layers.Layer], values: tf.Tensor, training: bool) -> tf.Tensor:
    fast = training and on_fast_cpu()
    for layer in layers:
        if isinstance(layer, BatchNormalization):
            values = layer(values, training=training)
        elif fast and type(layer) is keras.layers.Conv2D and layer.strides == (1, 1):
            # The form that branches have in training, too, so that times can be compared.
            values = dense(values, tf.cast(tf.convert_to_tensor(layer.kernel), values.dtype))
        else:
            values = layer(values)
    return values


def _conv(operation: Operation, **options: Any) -> keras.layers.Layer:
    options |= {"padding": "same", "use_bias": False, "kernel_initializer": "he_normal"}
    return keras.layers.Conv2D(operation.channels, operation.size, operation.stride, **options)


def _depthwise(operation: Operation, **options: Any) -> keras.layers.Layer:
    # He's initialization: each output depends on size x size inputs. Keras' own counts all
    # channels, which would make the weights smaller the wider the network is.
    deviation = (2.0 / operation.size**2) ** 0.5
    initializer = keras.initializers.RandomNormal(stddev=deviation)
    options |= {"padding": "same", "use_bias": False, "depthwise_initializer": initializer}
    return keras.layers.DepthwiseConv2D(operation.size, operation.stride, **options)


def _norm(operation: Operation, **options: Any) -> keras.layers.Layer:
    return BatchNormalization(scale=True, **options)


def _relu(operation: Operation, **options: Any) -> keras.layers.Layer:
    return keras.layers.ReLU(**options)


def _relu6(operation: Operation, **options: Any) -> keras.layers.Layer:
    return keras.layers.ReLU(max_value=6.0, **options)


def _max_pool(operation: Operation, **options: Any) -> keras.layers.Layer:
    return keras.layers.MaxPooling2D(operation.size, operation.stride, padding="same", **options)


def _mean(operation: Operation, **options: Any) -> keras.layers.Layer:
    return keras.layers.GlobalAveragePooling2D(**options)


def _dense(operation: Operation, **options: Any) -> keras.layers.Layer:
    return keras.layers.Dense(operation.channels, **options)


_LAYERS: dict[str, Callable[..., keras.layers.Layer]] = {
    "conv": _conv,
    "depthwise": _depthwise,
    "norm": _norm,
    "relu": _relu,
    "relu6": _relu6,
    "max_pool": _max_pool,
    "mean": _mean,
    "dense": _dense,
}
"""Kind of an operation -> a function that makes its Keras layer."""


def build_handmade(network: Handmade, input_shape: tuple[int, int, int], seed: int) -> keras.Model:
    """Return a network made by hand. Its Keras layers are named as those of a macro network.

    Args:
        network: The network.
        input_shape: (height, width, channels) of an image.
        seed: Seed of Cutout.
    """
    images = keras.Input(input_shape, name="images")
    outputs = images
    if network.cutout:
        outputs = Cutout(network.cutout, seed, name="cutout")(outputs)
    *blocks, classifier = network.blocks(input_shape)
    for index, block in enumerate(blocks):
        outputs = HandmadeBlock(to_json(block), name=layer_name(index))(outputs)
    logits = HandmadeBlock(to_json(classifier), name="classifier")(outputs)
    return keras.Model(images, logits, name="network")


def handmade_blocks(model: keras.Model) -> list[HandmadeBlock]:
    """Return the blocks of a network made by hand, from stem to classifier."""
    return [layer for layer in model.layers if isinstance(layer, HandmadeBlock)]

"""The operations of micro cells as Keras layers (AMLA, stubs/tf/cell_dag.py)."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from nac.models.cell import Cell
from nac.models.layers import Dropout, RandomLayer, Shape, register
from nac.models.normalization import BatchNormalization

CONVOLUTIONS = ("", "sep", "dilated")
"""Kinds with ReLU. These are AMLA's; types of branches that users register do not add to them."""

NORMALIZED = ("", "sep")
"""Kinds with batch norm. AMLA's dilated convolutions have none."""

POOLINGS = {
    "maxpool": keras.layers.MaxPooling2D,
    "avgpool": keras.layers.AveragePooling2D,
}


@register
class NodeOperation(Cell):
    """A convolution or pooling node: the operation, batch norm and ReLU where due, and dropout.

    Args:
        kind: "" (a plain convolution), "sep", "dilated", "maxpool" or "avgpool".
        size: (height, width) of the kernel or window.
        filters: Number of channels to put out. None keeps those of the input. Not for pooling.
        stride: Stride of the operation. A dilated convolution with a stride is not dilated.
        padding: "same" or "valid".
        rate: Rate of a dilated convolution.
        dropout: Share of the outputs that is dropped in training.
        seed: Seed of the dropout.
    """

    def __init__(
        self,
        kind: str,
        size: Sequence[int],
        filters: int | None = None,
        stride: int = 1,
        padding: str = "same",
        rate: int = 2,
        dropout: float = 0.2,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.options = {
            "kind": kind,
            "size": list(size),
            "filters": filters,
            "stride": stride,
            "padding": padding,
            "rate": rate,
            "dropout": dropout,
            "seed": seed,
        }
        policy = self.dtype_policy
        self.normalization = (
            BatchNormalization(name="batch_norm", dtype=policy) if kind in NORMALIZED else None
        )
        self.dropout = Dropout(dropout, seed, name="dropout", dtype=policy)
        self.operation = None

    def build(self, input_shape: Shape) -> None:
        """Create the operation, whose channels may be those of the input, and build all layers."""
        self.operation = self._operation(input_shape[-1])
        self.operation.build(input_shape)
        shape = self.operation.compute_output_shape(input_shape)
        if self.normalization is not None:
            self.normalization.build(shape)
        self.dropout.build(shape)

    def _operation(self, input_channels: int) -> keras.layers.Layer:
        options = self.options
        kind, size = options["kind"], tuple(options["size"])
        common = {
            "strides": options["stride"],
            "padding": options["padding"],
            "name": "conv",
            "dtype": self.dtype_policy,
        }
        if kind in POOLINGS:
            return POOLINGS[kind](size, **common)
        filters = options["filters"] or input_channels
        if kind == "sep":
            return keras.layers.SeparableConv2D(filters, size, use_bias=False, **common)
        if kind == "dilated":
            common["dilation_rate"] = options["rate"] if options["stride"] == 1 else 1
            common["kernel_initializer"] = "he_normal"
        return keras.layers.Conv2D(filters, size, use_bias=False, **common)

    @property
    def activated(self) -> bool:
        """Whether ReLU follows."""
        return self.options["kind"] in CONVOLUTIONS

    @property
    def normalizations(self) -> list[BatchNormalization]:
        """The batch norm of the node, if it has one."""
        return [] if self.normalization is None else [self.normalization]

    @property
    def random_layers(self) -> list[RandomLayer]:
        """The dropout of the node."""
        return [self.dropout]

    def compute(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Return the featuremap of the node."""
        outputs = self.operation(inputs)
        if self.normalization is not None:
            outputs = self.normalization(outputs, training=training)
        if self.activated:
            outputs = tf.nn.relu(outputs)
        return self.dropout(outputs, training=training)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of the featuremap of the node."""
        return self._operation(input_shape[-1]).compute_output_shape(input_shape)

    def get_config(self) -> dict:
        """Return the arguments that recreate the layer."""
        return {**super().get_config(), **self.options}


@register
class Join(keras.layers.Layer):
    """A concat or add node. Its inputs are first brought to one size and, to add, one width.

    Larger inputs are reduced by 3x3 convolutions of stride 2, as often as needed. Narrower ones
    are widened by a 1x1 convolution. Both have a bias and no activation.

    Args:
        kind: "concat" or "add".

    Input shape:
        A list of featuremaps.
    """

    def __init__(self, kind: str, **kwargs):
        super().__init__(**kwargs)
        self.kind = kind
        self.convolution_sizes: dict[str, tuple[int, int]] = {}

    def build(self, input_shape: Sequence[Shape]) -> None:
        """Build the reductions of each input and, to add, its widening."""
        smallest = min(shape[1] for shape in input_shape)
        widest = max(shape[-1] for shape in input_shape)
        self.reductions, self.widenings = [], []
        for index, shape in enumerate(input_shape):
            layers = []
            while shape[1] > smallest:
                layers.append(self._convolution(shape[-1], 3, 2, f"reduce{index}_{len(layers)}"))
                layers[-1].build(shape)
                shape = layers[-1].compute_output_shape(shape)
                self.convolution_sizes[layers[-1].kernel.path] = tuple(shape[1:3])
            if self.kind == "add" and shape[-1] < widest:
                self.widenings.append(self._convolution(widest, 1, 1, f"widen{index}"))
                self.widenings[-1].build(shape)
            else:
                self.widenings.append(None)
            self.reductions.append(layers)

    def _convolution(self, filters: int, size: int, stride: int, name: str) -> keras.layers.Layer:
        return keras.layers.Conv2D(
            filters, size, stride, padding="same", name=name, dtype=self.dtype_policy
        )

    def call(self, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
        """Return the joined featuremap."""
        values = list(inputs)
        for index, layers in enumerate(self.reductions):
            for layer in layers:
                values[index] = layer(values[index])
            if self.widenings[index] is not None:
                values[index] = self.widenings[index](values[index])
        return tf.concat(values, axis=-1) if self.kind == "concat" else tf.add_n(values)

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        """Return the smallest height and width, and the sum (concat) or maximum of channels."""
        smallest = min(input_shape, key=lambda shape: shape[1])
        channels = [shape[-1] for shape in input_shape]
        return (*smallest[:-1], sum(channels) if self.kind == "concat" else max(channels))

    def get_config(self) -> dict:
        """Return the arguments that recreate the layer."""
        return {**super().get_config(), "kind": self.kind}

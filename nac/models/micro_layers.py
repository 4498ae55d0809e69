"""The operations of micro cells as Keras layers (AMLA, stubs/tf/cell_dag.py)."""

import keras
import tensorflow as tf

from nac.models.blocks import BLOCKS
from nac.models.layers import BatchNormalization, Dropout, register


@register
class NodeOperation(keras.layers.Layer):
    """A convolution or pooling node: operation, batch norm and ReLU where due, dropout.

    Args:
        kind: "" (convolution), "sep", "dilated", "maxpool" or "avgpool".
        size: (height, width) of the kernel or window.
        filters: channels to put out; None keeps those of the input. Not for pooling.
        stride: of the operation; a dilated convolution with a stride is not dilated.
        padding: "same" or "valid".
        rate: of a dilated convolution.
        dropout: share of the outputs dropped in training.
        seed: of the dropout.
    """

    def __init__(
        self,
        kind,
        size,
        filters=None,
        stride=1,
        padding="same",
        rate=2,
        dropout=0.2,
        seed=0,
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
        normalized = kind in BLOCKS
        policy = self.dtype_policy
        self.normalization = (
            BatchNormalization(name="batch_norm", dtype=policy) if normalized else None
        )
        self.dropout = Dropout(dropout, seed, name="dropout", dtype=policy)
        self.operation = None

    def build(self, input_shape):
        """Make the operation, whose channels may be those of the input, and build all."""
        filters = self.options["filters"] or input_shape[-1]
        self.operation = self._operation(filters)
        self.operation.build(input_shape)
        shape = self.operation.compute_output_shape(input_shape)
        if self.normalization is not None:
            self.normalization.build(shape)
        self.dropout.build(shape)

    def _operation(self, filters: int) -> keras.layers.Layer:
        options = self.options
        common = {
            "strides": options["stride"],
            "padding": options["padding"],
            "dtype": self.dtype_policy,
        }
        size = tuple(options["size"])
        if options["kind"] in BLOCKS:
            return BLOCKS[options["kind"]](size, filters, **common)
        common["name"] = "conv"
        if options["kind"] == "maxpool":
            return keras.layers.MaxPooling2D(size, **common)
        if options["kind"] == "avgpool":
            return keras.layers.AveragePooling2D(size, **common)
        return keras.layers.Conv2D(
            filters,
            size,
            use_bias=False,
            dilation_rate=options["rate"] if options["stride"] == 1 else 1,
            kernel_initializer="he_normal",
            **common,
        )

    def call(self, inputs, training=False):
        """Return the featuremap of the node."""
        outputs = self.operation(inputs)
        if self.normalization is not None:
            outputs = self.normalization(outputs, training=training)
        if self.options["kind"] in ("", "sep", "dilated"):
            outputs = tf.nn.relu(outputs)
        return self.dropout(outputs, training=training)

    def compute_output_shape(self, input_shape):
        """Return the shape of the featuremap of the node."""
        return self._operation(self.options["filters"] or input_shape[-1]).compute_output_shape(
            input_shape
        )

    def get_config(self):
        """Return the arguments that rebuild the layer."""
        return {**super().get_config(), **self.options}


@register
class Join(keras.layers.Layer):
    """A concat or add node; its inputs are first brought to one size and, to add, one width.

    Larger inputs are reduced by stride-2 3x3 convolutions with bias, as often as needed; narrower
    ones are widened by a 1x1 convolution with bias. Neither has an activation.

    Args:
        kind: "concat" or "add".

    Input shape:
        a list of featuremaps.
    """

    def __init__(self, kind, **kwargs):
        super().__init__(**kwargs)
        self.kind = kind
        self.convolution_sizes = {}

    def build(self, input_shape):
        """Build the reductions of each input and, to add, its widening."""
        smallest = min(shape[1] for shape in input_shape)
        widest = max(shape[-1] for shape in input_shape)
        self.reductions, self.widenings = [], []
        for place, shape in enumerate(input_shape):
            layers = []
            while shape[1] > smallest:
                layers.append(self._convolution(shape[-1], 3, 2, f"reduce{place}_{len(layers)}"))
                layers[-1].build(shape)
                shape = layers[-1].compute_output_shape(shape)
                self.convolution_sizes[layers[-1].kernel.path] = tuple(shape[1:3])
            if self.kind == "add" and shape[-1] < widest:
                self.widenings.append(self._convolution(widest, 1, 1, f"widen{place}"))
                self.widenings[-1].build(shape)
            else:
                self.widenings.append(None)
            self.reductions.append(layers)

    def _convolution(self, filters, size, stride, name):
        return keras.layers.Conv2D(
            filters, size, stride, padding="same", name=name, dtype=self.dtype_policy
        )

    def call(self, inputs):
        """Return the joined featuremap."""
        values = []
        for value, reductions, widening in zip(
            inputs, self.reductions, self.widenings, strict=True
        ):
            for layer in reductions:
                value = layer(value)
            values.append(value if widening is None else widening(value))
        return tf.concat(values, axis=-1) if self.kind == "concat" else tf.add_n(values)

    def compute_output_shape(self, input_shape):
        """Return the smallest height and width, and the sum (concat) or maximum of channels."""
        smallest = min(input_shape, key=lambda shape: shape[1])
        channels = [shape[-1] for shape in input_shape]
        return (*smallest[:-1], sum(channels) if self.kind == "concat" else max(channels))

    def get_config(self):
        """Return the arguments that rebuild the layer."""
        return {**super().get_config(), "kind": self.kind}

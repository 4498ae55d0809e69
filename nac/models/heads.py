"""Auxiliary classifiers: a second loss in the middle of a network."""

import keras

from nac.models.layers import Dropout, register


@register
class Head(keras.layers.Layer):
    """An auxiliary classifier: the mean over all pixels, then logits.

    Args:
        outputs: number of classes.
        amla_compatible: AMLA's form instead: all pixels, ReLU and dropout on the logits.
        dropout: share dropped there.
        seed: of the dropout.
    """

    def __init__(self, outputs, amla_compatible=False, dropout=0.2, seed=0, **kwargs):
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

    def build(self, input_shape):
        """Build the layers of the head."""
        self.summary.build(input_shape)
        shape = self.summary.compute_output_shape(input_shape)
        self.dense.build(shape)
        self.dropout.build(self.dense.compute_output_shape(shape))

    def call(self, inputs, training=False):
        """Return logits, (batch, classes)."""
        return self.dropout(self.dense(self.summary(inputs)), training=training)

    def compute_output_shape(self, input_shape):
        """Return (batch, classes)."""
        return (input_shape[0], self.options["outputs"])

    def get_config(self):
        """Return the arguments that rebuild the layer."""
        return {**super().get_config(), **self.options}

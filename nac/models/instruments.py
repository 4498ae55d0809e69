"""What branches measure while they train; :data:`nac.config.rankings.RANKINGS` rank them by it."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from nac.models.layers import Shape, register
from nac.models.part import present_part


@register
class FeaturemapMetrics(keras.layers.Layer):
    """Accumulates measurements of the featuremaps of a cell's branches over all training batches.

    The paper's metric (section 2) is the squared l2 norm of a featuremap, normalized by its size
    and averaged over training: the mean of x² over images, height, width and channels. AMLA logs
    it as ``MeanSSS`` (stubs/tf/cell_main.py), multiplied by the batch size. The other measured
    values are for comparison.

    The layer keeps running sums instead of the latest batch's value, because one batch says too
    little: in the paper's figure 2 it takes about ten epochs until the metrics of branches can be
    told apart. The sums are weights, so checkpoints save them. In each step the parts of all
    replicas are added (``aggregation="sum"``), so the result is that of a single device. They are
    kept per channel, and become means over the channels of a branch only when they are read, so
    that counting takes few operations.

    Each channel also has a constant gate of one. The gradient of the loss with respect to the
    gates of a branch is the first-order term of how much the loss would change without its
    featuremap (Molchanov et al., arXiv 1611.06440). A training step takes it from its tape and
    passes it to :func:`count_gradients`.

    Args:
        branches: Number of branches.
    """

    def __init__(self, branches: int, **kwargs):
        super().__init__(**kwargs)
        self.branches = branches

    def build(self, input_shape: Shape) -> None:
        """Create the accumulators and the gates.

        ``sums`` has a column per channel, and five rows: the sums over images and positions of x²,
        of x, of x != 0, of the convolution's squared outputs, and of 1. ``sensitivity`` has a
        column per branch, and two rows: the sum of the absolute gradients of its gate, and the
        number of steps.

        Args:
            input_shape: Shape of all featuremaps side by side, (batch, height, width, channels).
        """
        _, height, width, channels = input_shape
        self._positions = height * width
        options = {"trainable": False, "dtype": "float32", "autocast": False}
        self.sums = self.add_weight(
            name="sums", shape=(5, channels), initializer="zeros", aggregation="sum", **options
        )
        self.sensitivity = self.add_weight(
            name="sensitivity",
            shape=(2, self.branches),
            initializer="zeros",
            aggregation="only_first_replica",
            **options,
        )
        self.unit_gates = self.add_weight(
            name="unit_gates", shape=(channels,), initializer="ones", **options
        )

    def count(self, featuremaps: tf.Tensor, squares_before_norm: tf.Tensor) -> None:
        """Count the featuremaps of a training batch.

        Args:
            featuremaps: The branches' featuremaps side by side, of equal numbers of channels, after
                ReLU: (batch, height, width, channels).
            squares_before_norm: Mean square of each channel of the convolutions' outputs.
        """
        channels = featuremaps.shape[-1]
        values = tf.reshape(tf.cast(featuremaps, tf.float32), (-1, channels))
        count = tf.fill((channels,), tf.cast(tf.shape(values)[0], tf.float32))
        rows = [
            tf.reduce_sum(tf.square(values), axis=0),
            tf.reduce_sum(values, axis=0),
            tf.reduce_sum(tf.sign(values), axis=0),
            squares_before_norm * count,
            count,
        ]
        part = present_part()
        if part is None:
            self.add(tf.stack(rows))
        else:
            part.measured.append(tf.stack(rows))

    def add(self, rows: tf.Tensor) -> None:
        """Add to ``sums``.

        Args:
            rows: What was measured of images, (5, channels).
        """
        # Keras' assign_add assigns the sum over replicas of (old value + part), which would count
        # the old value once per replica. TensorFlow's own sums the parts alone.
        self.sums.value.assign_add(rows)

    def results(self) -> list[dict[str, float]]:
        """Return what was measured of each branch so far; all zeros at first.

        Names of the values are those in ``statistics.json``.
        """
        sums = self.sums.numpy().astype("float64").reshape(5, self.branches, -1).mean(axis=-1)
        gradients, steps = self.sensitivity.numpy().astype("float64")
        means, counts = sums[:4] / np.maximum(1.0, sums[4]), sums[4] / self._positions
        taylor = gradients / np.maximum(1.0, steps)
        return [_named(*map(float, values)) for values in zip(*means, counts, taylor, strict=True)]

    def load_own_variables(self, store) -> None:
        """Load the state. Models of earlier versions have none here; theirs is of no more use."""
        if len(store.keys()):
            super().load_own_variables(store)

    def get_config(self) -> dict:
        """Return the arguments that recreate the layer."""
        return {**super().get_config(), "branches": self.branches}


def _named(
    square: float, mean: float, nonzero: float, before_norm: float, images: float, taylor: float
) -> dict[str, float]:
    return {
        "mean_square": square,
        "mean": mean,
        "variance": max(0.0, square - mean * mean),
        "images": round(images),
        "nonzero": nonzero,
        "mean_square_before_norm": before_norm,
        "taylor": taylor,
    }


def count_gradients(
    metrics: Sequence[FeaturemapMetrics], gradients: tf.Tensor, counts: tf.Tensor
) -> None:
    """Let the metrics of all cells count the gradients of their gates in a training step.

    Each replica calls this. A gate of a branch is one number, so its gradient is the sum of those
    of its channels.

    Args:
        metrics: The metrics.
        gradients: Gradient of the loss with respect to all gates, (sum of channels,), summed over
            all replicas.
        counts: 1.0, or 0.0 for a step that is skipped.
    """
    branches = [cell.branches for cell in metrics]
    filters = [cell.unit_gates.shape[0] // cell.branches for cell in metrics]
    owners = np.repeat(np.arange(sum(branches)), np.repeat(filters, branches))
    per_branch = tf.math.segment_sum(gradients, owners)
    sizes = tf.math.multiply_no_nan(tf.abs(per_branch), counts)
    columns = tf.split(tf.stack([sizes, tf.fill(tf.shape(sizes), counts)]), branches, axis=1)
    for cell, part in zip(metrics, columns, strict=True):
        cell.sensitivity.value.assign_add(part)

"""The trainable variables of a network, in the form in which an optimizer updates them."""

from collections.abc import Sequence
from math import prod

import keras
import numpy as np
import tensorflow as tf


def as_vector(parts: Sequence[tf.Variable | tf.Tensor]) -> tf.Tensor:
    """Return the elements of all parts, one after the other, as one vector."""
    flat = tf.constant([-1])  # one node of the graph instead of one per part
    vectors = [tf.raw_ops.Reshape(tensor=tf.convert_to_tensor(part), shape=flat) for part in parts]
    return tf.concat(vectors, axis=0)


class Weights:
    """The weights of a network, for its optimizer.

    A network has hundreds of small variables. An optimizer that treats each element by itself
    updates them as one vector with a dozen operations instead of a dozen per variable, and
    replicas exchange a single gradient. The vector is a copy of the network's variables for the
    duration of a step. Other optimizers update the variables themselves.

    Create it inside the strategy's scope.

    Args:
        variables: The trainable variables of the network.
        joined: Whether to update them as one vector.

    Attributes:
        parts: The variables of the network, as TensorFlow's.
        updated: What the optimizer updates: the vector, or the variables.
        vector: The vector as TensorFlow's variable, None if there is none.
    """

    def __init__(self, variables: Sequence[keras.Variable], joined: bool):
        self.parts = [variable.value for variable in variables]
        self.updated, self.vector = list(variables), None
        if joined:
            self.updated = [keras.Variable(as_vector(self.parts), name="weights")]
            self.vector = self.updated[0].value

    def load(self, strategy: tf.distribute.Strategy) -> None:
        """Let the optimizer see the network's weights. Call it outside of ``strategy.run``."""

        def copy(vector, *parts):
            vector.assign(as_vector(parts))

        if self.vector is not None:
            strategy.extended.update(self.vector, copy, args=tuple(self.parts))

    def store(
        self, strategy: tf.distribute.Strategy, loss: tf.Tensor | float | None = None
    ) -> None:
        """Let the network have the updated weights. Call it outside of ``strategy.run``.

        Args:
            strategy: The strategy of the job.
            loss: Share of themselves that updated kernels lose: decoupled weight decay (Loshchilov
                and Hutter, arXiv 1711.05101). Shifts, scales, biases and gates lose nothing: it
                would pull them to zero, which is no simpler a network. None for no loss.
        """

        def copy(vector, *parts):
            if loss is not None:
                vector.assign(vector * (1.0 - loss * self._kernels()))
            pieces = tf.split(vector, sizes(parts))
            for part, piece in zip(parts, pieces, strict=True):
                part.assign(tf.reshape(piece, part.shape))

        if self.vector is not None:
            strategy.extended.update(self.vector, copy, args=tuple(self.parts))
        elif loss is not None:
            for part in filter(is_kernel, self.parts):
                strategy.extended.update(part, lambda kernel: kernel.assign(kernel * (1.0 - loss)))

    def _kernels(self) -> tf.Tensor:
        """Return one for each element of the vector that belongs to a kernel, zero for others."""
        owners = np.repeat([is_kernel(part) for part in self.parts], sizes(self.parts))
        return tf.constant(owners.astype(np.float32))

    def gradients(
        self, gradients: Sequence[tf.Tensor], decay: tf.Tensor | float | None
    ) -> list[tf.Tensor]:
        """Return gradients for what the optimizer updates, on one replica.

        Args:
            gradients: The gradient of each variable of the network.
            decay: Factor of the weights that is added: the gradient of an l2 penalty. None for 0.
        """
        if self.vector is not None:
            gradients = [as_vector(gradients)]
        if decay is None:
            return list(gradients)
        weights = [tf.convert_to_tensor(variable) for variable in self.updated]
        return [g + decay * w for g, w in zip(gradients, weights, strict=True)]


def is_kernel(part: tf.Variable) -> bool:
    """Return whether a variable is the kernel of a convolution or of a dense layer."""
    return len(part.shape) > 1


def sizes(parts: Sequence[tf.Variable]) -> list[int]:
    """Return the number of elements of each variable."""
    return [prod(part.shape) for part in parts]

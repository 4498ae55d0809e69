"""Gradient descent with Nesterov momentum in TensorFlow 1's form, as a Keras optimiser."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("nac")
class NesterovMomentum(keras.optimizers.Optimizer):
    """Nesterov momentum with the learning rate outside the accumulator.

    a = momentum * a + g, then v -= rate * (g + momentum * a). Keras' own SGD has the rate inside
    the accumulator, which differs after the rate changes. Gradients are clipped here, per variable
    and by norm, as this runs after the sum over replicas (``clipnorm`` runs before it).

    Args:
        learning_rate: initial rate; the training loop assigns it.
        momentum: 0 is plain gradient descent.
        clip_norm: largest norm of each variable's gradient, None for no limit.
    """

    def __init__(
        self,
        learning_rate: float = 0.1,
        momentum: float = 0.9,
        clip_norm: float | None = None,
        name: str = "nesterov_momentum",
        **kwargs,
    ):
        super().__init__(learning_rate=learning_rate, name=name, **kwargs)
        self.momentum, self.clip_norm = momentum, clip_norm

    def build(self, variables) -> None:
        """Create an accumulator for each variable."""
        if not self.built and self.momentum:
            self.accumulators = [
                self.add_variable_from_reference(variable, name="momentum")
                for variable in variables
            ]
        super().build(variables)

    def update_step(self, gradient, variable, learning_rate) -> None:
        """Apply one variable's gradient, already summed over replicas."""
        gradient = tf.cast(gradient, variable.dtype)
        rate = tf.cast(learning_rate, variable.dtype)
        if self.clip_norm is not None:
            gradient = tf.clip_by_norm(gradient, self.clip_norm)
        if self.momentum:
            accumulator = self.accumulators[self._get_variable_index(variable)]
            accumulated = self.momentum * tf.convert_to_tensor(accumulator) + gradient
            self.assign(accumulator, accumulated)
            gradient = gradient + self.momentum * accumulated
        self.assign_sub(variable, rate * gradient)

    def get_config(self) -> dict:
        """Return the arguments that rebuild the optimiser."""
        return {
            **super().get_config(),
            "momentum": self.momentum,
            "clip_norm": self.clip_norm,
        }

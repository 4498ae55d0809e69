"""Optimizers in TensorFlow 1's forms, which AMLA trains with, as Keras optimizers."""

import keras
import tensorflow as tf

from nac.config.values import Training


class ClippedOptimizer(keras.optimizers.Optimizer):
    """An optimizer that clips each variable's gradient by its norm, after the sum over replicas.

    Keras' own ``clipnorm`` runs before that sum.

    Args:
        learning_rate: initial rate; the training loop assigns it.
        clip_norm: largest norm, None for no limit.
    """

    def __init__(self, learning_rate: float = 0.1, clip_norm: float | None = None, **kwargs):
        # A fixed name: checkpoints find the variables by it.
        super().__init__(learning_rate=learning_rate, **{"name": "optimizer", **kwargs})
        self.clip_norm = clip_norm

    def update_step(self, gradient, variable, learning_rate) -> None:
        """Apply one variable's gradient, already summed over replicas."""
        gradient = tf.cast(gradient, variable.dtype)
        if self.clip_norm is not None:
            gradient = tf.clip_by_norm(gradient, self.clip_norm)
        self.update_clipped(gradient, variable, tf.cast(learning_rate, variable.dtype))

    def update_clipped(self, gradient, variable, rate) -> None:
        """Apply one variable's clipped gradient."""
        raise NotImplementedError

    def slots(self, variables, name: str) -> list[keras.Variable]:
        """Return a variable like each of the given ones, zero at first."""
        return [self.add_variable_from_reference(variable, name=name) for variable in variables]

    def get_config(self) -> dict:
        """Return the arguments that rebuild the optimizer."""
        return {**super().get_config(), "clip_norm": self.clip_norm}


@keras.saving.register_keras_serializable("nac")
class NesterovMomentum(ClippedOptimizer):
    """Nesterov momentum with the learning rate outside the accumulator.

    a = momentum * a + g, then v -= rate * (g + momentum * a). Keras' own SGD has the rate inside
    the accumulator, which differs after the rate changes.

    Args:
        learning_rate: initial rate.
        momentum: 0 is plain gradient descent.
        clip_norm: see :class:`ClippedOptimizer`.
    """

    def __init__(self, learning_rate=0.1, momentum=0.9, clip_norm=None, **kwargs):
        super().__init__(learning_rate, clip_norm, **kwargs)
        self.momentum = momentum

    def build(self, variables) -> None:
        """Create an accumulator for each variable."""
        if not self.built and self.momentum:
            self.accumulators = self.slots(variables, "momentum")
        super().build(variables)

    def update_clipped(self, gradient, variable, rate) -> None:
        """Apply one variable's clipped gradient."""
        if self.momentum:
            accumulator = self.accumulators[self._get_variable_index(variable)]
            accumulated = self.momentum * tf.convert_to_tensor(accumulator) + gradient
            self.assign(accumulator, accumulated)
            gradient = gradient + self.momentum * accumulated
        self.assign_sub(variable, rate * gradient)

    def get_config(self) -> dict:
        """Return the arguments that rebuild the optimizer."""
        return {**super().get_config(), "momentum": self.momentum}


@keras.saving.register_keras_serializable("nac")
class RootMeanSquare(ClippedOptimizer):
    """RMSProp: s = decay * s + (1 - decay) * g^2, a = momentum * a + rate * g / sqrt(s + epsilon).

    Then v -= a. As in TensorFlow 1, s is 1 at first, epsilon is under the root and the rate inside
    the accumulator.

    Args:
        learning_rate: initial rate.
        decay: of the mean square.
        momentum: of the accumulator; 0 is none.
        epsilon: added to the mean square.
        clip_norm: see :class:`ClippedOptimizer`.
    """

    def __init__(
        self,
        learning_rate=0.1,
        decay=0.9,
        momentum=0.0,
        epsilon=1e-10,
        clip_norm=None,
        **kwargs,
    ):
        super().__init__(learning_rate, clip_norm, **kwargs)
        self.decay, self.momentum, self.epsilon = decay, momentum, epsilon

    def build(self, variables) -> None:
        """Create a mean square, initially one, and an accumulator for each variable."""
        if not self.built:
            self.squares = self.slots(variables, "mean_square")
            self.accumulators = self.slots(variables, "momentum")
            for square in self.squares:
                square.assign(tf.ones(square.shape, square.dtype))
        super().build(variables)

    def update_clipped(self, gradient, variable, rate) -> None:
        """Apply one variable's clipped gradient."""
        index = self._get_variable_index(variable)
        square, accumulator = self.squares[index], self.accumulators[index]
        mean = self.decay * tf.convert_to_tensor(square)
        mean += (1.0 - self.decay) * tf.square(gradient)
        step = self.momentum * tf.convert_to_tensor(accumulator)
        step += rate * gradient * tf.math.rsqrt(mean + self.epsilon)
        self.assign(square, mean)
        self.assign(accumulator, step)
        self.assign_sub(variable, step)

    def get_config(self) -> dict:
        """Return the arguments that rebuild the optimizer."""
        return {
            **super().get_config(),
            "decay": self.decay,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
        }


def make_optimizer(recipe: Training) -> keras.optimizers.Optimizer:
    """Return the optimizer of a recipe; with mixed precision it scales the loss."""
    if recipe.rms_decay is None:
        inner: ClippedOptimizer = NesterovMomentum(1.0, recipe.momentum, recipe.clip_norm)
    else:
        inner = RootMeanSquare(
            1.0, recipe.rms_decay, recipe.momentum, recipe.rms_epsilon, recipe.clip_norm
        )
    if recipe.mixed_precision:
        return keras.optimizers.LossScaleOptimizer(inner, name="loss_scale")
    return inner

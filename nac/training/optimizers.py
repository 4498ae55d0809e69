"""Optimizers: those of TensorFlow 1, with which AMLA trains, and any of Keras."""

import inspect
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from nac.config.training import GradientDescent, KerasOptimizer, Momentum, RMSProp, Training
from nac.training.strategies import uses_gpu
from nac.utils.errors import InputError
from nac.utils.schema import nearest, shown


@keras.saving.register_keras_serializable("nac")
class NesterovMomentum(keras.optimizers.Optimizer):
    """Nesterov momentum with the learning rate outside the accumulator, as in TensorFlow 1.

    ``a = momentum * a + g``, then ``v -= rate * (g + momentum * a)``. Keras' own SGD has the rate
    inside the accumulator, which differs as soon as the rate changes.

    Args:
        learning_rate: Float. Initial rate, which the training loop overwrites.
        momentum: Float in [0, 1]. With 0 this is plain gradient descent.
        **kwargs: Arguments of ``keras.optimizers.Optimizer``.
    """

    def __init__(self, learning_rate=0.1, momentum=0.9, **kwargs):
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.momentum = momentum

    def build(self, variables) -> None:
        """Create an accumulator for each variable."""
        if not self.built and self.momentum:
            self.accumulators = self.add_optimizer_variables(variables, "momentum")
        super().build(variables)

    def update_step(self, gradient, variable, learning_rate) -> None:
        """Update one variable by its gradient, which is summed over replicas."""
        gradient = tf.cast(gradient, variable.dtype)
        rate = tf.cast(learning_rate, variable.dtype)
        if not self.momentum:
            self.assign_sub(variable, rate * gradient)
            return
        accumulator = self.accumulators[self._get_variable_index(variable)]
        tf.raw_ops.ResourceApplyMomentum(
            var=variable.handle,
            accum=accumulator.value.handle,
            lr=rate,
            grad=gradient,
            momentum=self.momentum,
            use_nesterov=True,
        )

    def get_config(self) -> dict:
        """Return the arguments that rebuild the optimizer."""
        return {**super().get_config(), "momentum": self.momentum}


@keras.saving.register_keras_serializable("nac")
class RootMeanSquare(keras.optimizers.Optimizer):
    """RMSProp as in TensorFlow 1.

    ``s = decay * s + (1 - decay) * g^2``, ``a = momentum * a + rate * g / sqrt(s + epsilon)``, then
    ``v -= a``. Unlike in Keras, ``s`` is 1 at first, epsilon is under the root and the rate is
    inside the accumulator.

    Args:
        learning_rate: Float. Initial rate, which the training loop overwrites.
        decay: Float. Decay of the mean square.
        momentum: Float. Factor of the accumulator; 0 for none.
        epsilon: Float. Added to the mean square.
        **kwargs: Arguments of ``keras.optimizers.Optimizer``.
    """

    def __init__(self, learning_rate=0.1, decay=0.9, momentum=0.0, epsilon=1e-10, **kwargs):
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.decay, self.momentum, self.epsilon = decay, momentum, epsilon

    def build(self, variables) -> None:
        """Create a mean square, initially one, and an accumulator for each variable."""
        if not self.built:
            self.squares = self.add_optimizer_variables(variables, "mean_square", "ones")
            self.accumulators = self.add_optimizer_variables(variables, "momentum")
        super().build(variables)

    def update_step(self, gradient, variable, learning_rate) -> None:
        """Update one variable by its gradient, which is summed over replicas."""
        gradient = tf.cast(gradient, variable.dtype)
        index = self._get_variable_index(variable)
        square, accumulator = self.squares[index], self.accumulators[index]
        mean = self.decay * tf.convert_to_tensor(square)
        mean += (1.0 - self.decay) * tf.square(gradient)
        step = self.momentum * tf.convert_to_tensor(accumulator)
        rate = tf.cast(learning_rate, variable.dtype)
        step += rate * gradient * tf.math.rsqrt(mean + self.epsilon)
        self.assign(square, mean)
        self.assign(accumulator, step)
        self.assign_sub(variable, step)

    def get_config(self) -> dict:
        """Return the arguments that rebuild the optimizer."""
        names = ("decay", "momentum", "epsilon")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def clipped(
    kind: type[keras.optimizers.Optimizer], norm: float, sizes: Sequence[int] | None = None
) -> type:
    """Return a subclass of an optimizer that clips the gradient of each variable by its norm.

    Keras' own ``clipnorm`` clips in each replica before the gradients are summed, so that results
    would depend on the number of devices. ``update_step`` gets the sum.

    Args:
        kind: The optimizer.
        norm: The largest norm.
        sizes: If the optimizer updates all variables as one vector: the number of elements of
            each, in order. Each is clipped by itself as before.
    """
    owners = None if sizes is None else tf.constant(np.repeat(np.arange(len(sizes)), sizes))

    def clip(gradient):
        if sizes is None:
            return tf.clip_by_norm(gradient, norm)
        halves = tf.stack([tf.nn.l2_loss(part) for part in tf.split(gradient, sizes)])
        factors = norm / tf.maximum(tf.sqrt(2.0 * halves), norm)
        if uses_gpu(tf.distribute.get_strategy()):
            # A branch would let the GPU wait for Python's side of the machine to take it.
            return gradient * tf.gather(factors, owners)
        # Most steps clip nothing, and then need not touch each element.
        return tf.cond(
            tf.reduce_all(factors >= 1.0),
            lambda: gradient,
            lambda: gradient * tf.gather(factors, owners),
        )

    class Clipped(kind):
        def update_step(self, gradient, variable, learning_rate) -> None:
            super().update_step(clip(gradient), variable, learning_rate)

    return Clipped


ELEMENTWISE = (
    "Adadelta",
    "Adagrad",
    "Adam",
    "Adamax",
    "AdamW",
    "Ftrl",
    "Lion",
    "Nadam",
    "RMSprop",
    "SGD",
)
"""Optimizers of Keras that treat each element of a variable by itself."""


def is_elementwise(chosen: Any) -> bool:
    """Return whether an optimizer treats all variables as one vector would be treated.

    Args:
        chosen: The ``optimizer`` of a recipe.
    """
    if not isinstance(chosen, KerasOptimizer):
        return True
    return chosen.class_name in ELEMENTWISE and "clipnorm" not in dict(chosen.arguments)


def check_optimizer(recipe: Training, source: str = "") -> None:
    """Check that Keras has the optimizer of a recipe, without making it, which takes a GPU.

    Args:
        recipe: The ``child_training`` section.
        source: Path of the experiment file, with which error messages begin.

    Raises:
        InputError: Keras does not have the class, or the class does not take the arguments.
    """
    _class_and_arguments(recipe.optimizer, _place(source))


def make_optimizer(
    recipe: Training, source: str = "", sizes: Sequence[int] | None = None
) -> keras.optimizers.Optimizer:
    """Return the optimizer of a recipe. With float16 it also scales the loss.

    Args:
        recipe: The ``child_training`` section.
        source: Path of the experiment file, with which error messages begin.
        sizes: See :func:`clipped`.

    Raises:
        InputError: Keras does not have the class, or the class does not take the arguments.

    Example:
    >>> from nac.config import ExponentialDecay, KerasOptimizer
    >>> adamw = KerasOptimizer("AdamW", (("weight_decay", 0.004),))
    >>> make_optimizer(Training(lr=ExponentialDecay(), optimizer=adamw)).weight_decay
    0.004
    """
    place = _place(source)
    kind, arguments = _class_and_arguments(recipe.optimizer, place)
    if recipe.clip_norm is not None:
        kind = clipped(kind, recipe.clip_norm, sizes)
    try:
        # Checkpoints find variables by their names, which begin with that of the optimizer.
        optimizer = kind(learning_rate=1.0, name="optimizer", **arguments)
    except (TypeError, ValueError) as error:
        raise InputError(f"{place}: {' '.join(str(error).split())}") from None
    if recipe.scales_loss:
        return keras.optimizers.LossScaleOptimizer(optimizer, name="loss_scale")
    return optimizer


def _place(source: str) -> str:
    return f"{source}: child_training.optimizer".removeprefix(": ")


def _class_and_arguments(chosen: Any, place: str) -> tuple[type, dict[str, Any]]:
    if isinstance(chosen, GradientDescent):
        return NesterovMomentum, {"momentum": 0.0}
    if isinstance(chosen, Momentum):
        return NesterovMomentum, {"momentum": chosen.momentum}
    if isinstance(chosen, RMSProp):
        return RootMeanSquare, vars(chosen)
    kinds = keras_optimizers()
    if chosen.class_name not in kinds:
        raise InputError(
            f"{place}.class_name: expected one of {', '.join(kinds)},"
            f" received {shown(chosen.class_name)}{nearest(chosen.class_name, kinds)}"
        )
    known = inspect.signature(kinds[chosen.class_name]).parameters
    for name, _ in chosen.arguments:
        if name not in known:
            raise InputError(f"{place}.{name}: unknown key{nearest(name, known)}")
    return kinds[chosen.class_name], dict(chosen.arguments)


def keras_optimizers() -> dict[str, type[keras.optimizers.Optimizer]]:
    """Return the optimizers of Keras that can be chosen: not those that wrap others."""
    base = keras.optimizers.Optimizer
    return {
        name: kind
        for name, kind in sorted(vars(keras.optimizers).items())
        if isinstance(kind, type) and issubclass(kind, base) and kind is not base
        if "learning_rate" in inspect.signature(kind).parameters
    }

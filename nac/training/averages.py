"""The moving average of the weights, with which networks are evaluated (train_eval/tf/net.py)."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import tensorflow as tf

from nac.training.weights import as_vector, sizes

LARGEST_DECAY = 0.9999


def average_decay(step: int, longest: float = math.inf) -> float:
    """Return the decay for the update after ``step`` earlier ones.

    It starts small, so that a short training's average does not consist of initial values.

    Args:
        step: Number of earlier updates.
        longest: Number of steps over which the average extends at most: the sum of the weights
            with which it counts them, relative to that of the newest one.
    """
    decay = min(LARGEST_DECAY, (1 + step) / (10 + step))
    return min(decay, 1.0 - 1.0 / max(1.0, longest))


class WeightAverage:
    """An exponential moving average of trainable variables.

    Create it inside the strategy's scope. It starts from the variables' current values.

    Args:
        variables: The TensorFlow variables to average.
        copy: A variable with the same values as one vector, from which updates are faster.

    Attributes:
        vector: The averages of all variables, one after the other, as one variable: to update many
            small ones would take longer.
    """

    def __init__(self, variables: Sequence[tf.Variable], copy: tf.Variable | None = None):
        self._variables = list(variables)
        self._sources = self._variables if copy is None else [copy]
        self.vector = tf.Variable(as_vector(self._variables), trainable=False, name="average")

    def update(self, strategy: tf.distribute.Strategy, decay: tf.Tensor | float) -> None:
        """Move the averages towards the variables. Call it outside of ``strategy.run``."""

        def move(average, *sources):
            share = 1.0 - tf.cast(decay, average.dtype)
            average.assign_sub(share * (average - as_vector(sources)))

        strategy.extended.update(self.vector, move, args=tuple(self._sources))

    def restart(self) -> None:
        """Start from the variables' current values once more. Call it in the strategy's scope."""
        self.vector.assign(as_vector(self._variables))

    def values(self) -> list[np.ndarray]:
        """Return the average of each variable."""
        ends = np.cumsum(sizes(self._variables))[:-1]
        parts = np.split(self.vector.numpy(), ends)
        return [
            part.reshape(variable.shape)
            for part, variable in zip(parts, self._variables, strict=True)
        ]

    def assign(self) -> None:
        """Assign the averages to the variables."""
        for variable, average in zip(self._variables, self.values(), strict=True):
            variable.assign(average)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Assign the averages to the variables for the duration of a ``with`` block."""
        weights = [variable.numpy() for variable in self._variables]
        self.assign()
        try:
            yield
        finally:
            for variable, weight in zip(self._variables, weights, strict=True):
                variable.assign(weight)

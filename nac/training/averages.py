"""The moving average of the weights, with which networks are evaluated (train_eval/tf/net.py)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import tensorflow as tf

LARGEST_DECAY = 0.9999


def average_decay(step: int) -> float:
    """Return the decay for the update after ``step`` earlier ones.

    It starts small, so that a short training's average does not consist of initial values.
    """
    return min(LARGEST_DECAY, (1 + step) / (10 + step))


class WeightAverage:
    """An exponential moving average of trainable variables.

    Create it inside the strategy's scope. It starts from the variables' current values.

    Args:
        variables: The TensorFlow variables to average.
    """

    def __init__(self, variables: Sequence[tf.Variable]):
        self._variables = list(variables)
        self.averages = [
            tf.Variable(tf.convert_to_tensor(variable), trainable=False, name="average")
            for variable in self._variables
        ]

    def update(self, strategy: tf.distribute.Strategy, decay: tf.Tensor | float) -> None:
        """Move the averages towards the variables. Call it outside of ``strategy.run``."""

        def move(average, variable):
            average.assign_sub((1.0 - tf.cast(decay, average.dtype)) * (average - variable))

        for average, variable in zip(self.averages, self._variables, strict=True):
            strategy.extended.update(average, move, args=(variable,))

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Assign the averages to the variables for the duration of a ``with`` block."""
        weights = [variable.numpy() for variable in self._variables]
        for variable, average in zip(self._variables, self.averages, strict=True):
            variable.assign(average.numpy())
        try:
            yield
        finally:
            for variable, weight in zip(self._variables, weights, strict=True):
                variable.assign(weight)

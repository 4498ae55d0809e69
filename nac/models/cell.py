"""Cells: layers whose inside a training step need not keep."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import keras

from nac.models.instruments import FeaturemapMetrics
from nac.models.layers import RandomLayer
from nac.models.normalization import BatchNormalization
from nac.models.part import present_part
from nac.models.recomputation import computed_in_parts

_parts: ContextVar[int | None] = ContextVar("parts", default=None)


@contextmanager
def cells_in_parts(count: int | None) -> Iterator[None]:
    """Let cells keep nothing but inputs and outputs for the backward pass in a ``with`` block.

    This holds for calls with ``training=True``. Batch norms then track no moving averages.

    Args:
        count: Number of equal parts of the batch in which cells are computed (see
            :mod:`nac.models.recomputation`). 1 computes the whole batch at once, None leaves cells
            as they are.
    """
    before = _parts.set(count)
    try:
        yield
    finally:
        _parts.reset(before)


class Cell(keras.layers.Layer):
    """A layer that can be computed in parts. What it computes is the method :meth:`compute`.

    Attributes:
        featuremap_metrics: What measures the featuremaps in training steps, if anything does.
    """

    featuremap_metrics: FeaturemapMetrics | None = None

    @property
    def normalizations(self) -> list[BatchNormalization]:
        """All batch norms, in the order in which they are computed."""
        return []

    @property
    def normalized_together(self) -> list[list[BatchNormalization]]:
        """All batch norms, and which of them one operation computes together."""
        return [[layer] for layer in self.normalizations]

    @property
    def random_layers(self) -> list[RandomLayer]:
        """All layers that draw random numbers in training."""
        return []

    @property
    def foreign_state(self) -> list[keras.Variable]:
        """Variables that training might change in another way than by gradients.

        There are some in branch types of plugins only, such as a dropout of Keras'. A cell that has
        any cannot be computed twice.
        """
        layers = [*self.normalizations, *self.random_layers]
        if self.featuremap_metrics is not None:
            layers.append(self.featuremap_metrics)
        own = {id(variable) for layer in layers for variable in layer.variables}
        return [x for x in self.non_trainable_variables if id(x) not in own]

    def compute(self, inputs: Any, training: bool = False) -> Any:
        """Return the outputs, a function of the inputs and the trainable variables."""
        raise NotImplementedError

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Return the outputs, in training as :func:`cells_in_parts` says."""
        count = _parts.get()
        if count is None or not training or present_part() is not None:
            return self.compute(inputs, training)
        return computed_in_parts(self, inputs, count)

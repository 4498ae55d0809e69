"""A training that ends in time, with a learning rate that falls to zero by then."""

import time
from typing import Any

import keras


class FallingRate(keras.callbacks.Callback):
    """Lets the learning rate fall to zero by the clock, and ends a training then.

    Args:
        end: When the training must end, on the clock of ``time.monotonic``.
    """

    def __init__(self, end: float):
        super().__init__()
        self._end = end

    def on_train_begin(self, logs: Any = None) -> None:  # noqa: D102
        self._begin = time.monotonic()
        self._highest = float(self.model.optimizer.learning_rate)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:  # noqa: D102
        left = (self._end - time.monotonic()) / max(1e-9, self._end - self._begin)
        self.model.optimizer.learning_rate = self._highest * max(0.0, left)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: D102
        if time.monotonic() >= self._end:
            self.model.stop_training = True

"""Loss, accuracy and speed of a training, read rarely so that devices need not be waited for."""

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nac.utils.errors import JobError

if TYPE_CHECKING:
    import tensorflow as tf


class Stopwatch:
    """The seconds of training so far, without evaluations.

    Args:
        seconds: Seconds that earlier processes of the same job took.
    """

    def __init__(self, seconds: float = 0.0):
        self._seconds, self._started = seconds, time.monotonic()
        self._running = True

    def pause(self) -> None:
        """Stop the clock."""
        self._seconds, self._running = self.read(), False

    def resume(self) -> None:
        """Start the clock again."""
        self._started, self._running = time.monotonic(), True

    def read(self) -> float:
        """Return the seconds so far."""
        return self._seconds + (time.monotonic() - self._started if self._running else 0.0)


@dataclass
class Window:
    """Sums since a reader's last reading."""

    started: float
    loss: float = 0.0
    correct: float = 0.0
    steps: int = 0
    timed_steps: int = 0


@dataclass(frozen=True)
class Reading:
    """Means over a window.

    Attributes:
        loss: Mean cross-entropy.
        accuracy: Share of right answers.
        images_per_second: Speed of training.
    """

    loss: float
    accuracy: float
    images_per_second: float


class Meter:
    """Collects the results of steps, and gives each reader the means since its last reading.

    Args:
        batch_size: Images per step.
        stopwatch: Clock of the training.
        readers: Names of the readers.
    """

    def __init__(self, batch_size: int, stopwatch: Stopwatch, readers: tuple[str, ...]):
        self._batch_size, self._stopwatch = batch_size, stopwatch
        self._pending: list[tuple] = []
        self._windows = {reader: Window(stopwatch.read()) for reader in readers}

    def add(self, loss: "tf.Tensor", correct: "tf.Tensor") -> None:
        """Add a step's loss and number of right answers, which are still tensors."""
        self._pending.append((loss, correct))

    def settle(self, step: int) -> None:
        """Wait for the devices, and check the losses.

        Args:
            step: Number of the newest step, for the message.

        Raises:
            JobError: A loss is not finite.
        """
        first = step - len(self._pending) + 1
        for number, (loss, correct) in enumerate(self._pending, start=first):
            value, right = float(loss), float(correct)
            if not math.isfinite(value):
                raise JobError(
                    f"the loss is {value} at step {number}; expected a finite number"
                    " (try a lower learning rate or gradient clipping)"
                )
            for window in self._windows.values():
                window.loss += value
                window.correct += right
                window.steps += 1
                window.timed_steps += 1
        self._pending.clear()

    def restart_clock(self) -> None:
        """Exclude the steps so far from the speed, as the first one is mostly compilation."""
        for window in self._windows.values():
            window.started, window.timed_steps = self._stopwatch.read(), 0

    def read(self, reader: str) -> Reading:
        """Return the means since the last reading of ``reader``; call :meth:`settle` first."""
        window, now = self._windows[reader], self._stopwatch.read()
        self._windows[reader] = Window(now)
        elapsed = max(1e-9, now - window.started)
        return Reading(
            loss=window.loss / max(1, window.steps),
            accuracy=window.correct / max(1, window.steps * self._batch_size),
            images_per_second=window.timed_steps * self._batch_size / elapsed,
        )

"""Loss, accuracy and speed of a training, read rarely so that devices need not be waited for."""

import json
import math
import time
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from nac.utils.errors import LossError

if TYPE_CHECKING:
    from nac.training.calls import Trained


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
    """Sums since a reader's last reading.

    That of the losses is exact, so it does not matter in which portions they come in.
    """

    started: float
    loss: Fraction = Fraction(0)
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

    Attributes:
        waited: Seconds that steps waited for their batches, up to the last :meth:`settle`.
    """

    def __init__(self, batch_size: int, stopwatch: Stopwatch, readers: tuple[str, ...]):
        self._batch_size, self._stopwatch = batch_size, stopwatch
        self._pending: list[Trained] = []
        self.waited = 0.0
        self._windows = {reader: Window(stopwatch.read()) for reader in readers}

    def add(self, trained: "Trained") -> None:
        """Add the results of steps, which are still tensors."""
        self._pending.append(trained)

    def settle(self, step: int) -> None:
        """Wait for the devices, and check the losses.

        Args:
            step: Number of the newest step, for the message.

        Raises:
            LossError: A loss is not finite.
        """
        if not self._pending:
            return
        losses, correct, waits = map(_joined, zip(*self._pending, strict=True))
        self._pending.clear()
        _check_losses(losses, step - len(losses) + 1)
        self.waited += float(waits.sum())
        loss = sum(map(Fraction, losses.tolist()), Fraction(0))
        for window in self._windows.values():
            window.loss += loss
            window.correct += float(correct.sum(dtype="float64"))
            window.steps += len(losses)
            window.timed_steps += len(losses)

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
            loss=float(window.loss / max(1, window.steps)),
            accuracy=window.correct / max(1, window.steps * self._batch_size),
            images_per_second=window.timed_steps * self._batch_size / elapsed,
        )

    def state(self) -> str:
        """Return what a checkpoint keeps, as JSON; call :meth:`settle` first.

        Speed is that of one process, so it is left out.
        """
        windows = {
            reader: {"loss": str(window.loss), "correct": window.correct, "steps": window.steps}
            for reader, window in self._windows.items()
        }
        return json.dumps({"waited": self.waited, "windows": windows})

    def restore(self, state: str) -> None:
        """Go on from a state that :meth:`state` returned."""
        content = json.loads(state)
        self.waited = content["waited"]
        for reader, sums in content["windows"].items():
            window = self._windows[reader]
            window.loss, window.correct = Fraction(sums["loss"]), sums["correct"]
            window.steps = sums["steps"]


def _joined(vectors) -> np.ndarray:
    return np.concatenate([np.asarray(vector) for vector in vectors])


def _check_losses(losses: np.ndarray, first: int) -> None:
    """Raise LossError unless all losses are finite.

    Args:
        losses: Losses of steps in order.
        first: Number of the first step.
    """
    for number, loss in enumerate(losses, start=first):
        if not math.isfinite(loss):
            raise LossError(
                f"the loss is {loss} at step {number}; expected a finite number"
                " (try a lower learning rate or gradient clipping)",
                number,
            )

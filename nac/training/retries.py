"""What a job does if its loss stops being finite: it goes back and trains at a lower rate.

Kept states are those of given steps, not of given times. So a job that was interrupted goes back
to the same one, and has the same result.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict

import keras
import tensorflow as tf

from nac.runs.result import Retry
from nac.training.checkpoints import Checkpoints
from nac.utils.errors import LossError

FOLDER = "retry"
"""Folder of the kept states, among the checkpoints."""

STATES, SHORTEST_INTERVAL = 20, 50
"""States that a long job keeps in all, one after the other, and the steps between two at least."""

RATE_FACTOR = 0.5
"""Factor of the learning rate with each retry."""


class Retries:
    """Keeps states of a job, and goes back to them.

    Args:
        checkpoints: The job's checkpoints, already restored.
        variables: Variables of the job, which must be finite in a state to go back to.
        most: Number of retries.
        steps: Number of steps that the job is expected to take.

    Attributes:
        interval: Number of steps from one kept state to the next.
    """

    def __init__(
        self,
        checkpoints: Checkpoints,
        variables: Iterable[tf.Variable | keras.Variable],
        most: int,
        steps: int,
    ):
        self._checkpoints, self._most = checkpoints, most
        self._variables = list(variables)
        self.interval = max(SHORTEST_INTERVAL, steps // STATES)
        self._kept = checkpoints.beside(FOLDER, most + 1)
        # They come again, as the job does these steps once more.
        self._kept.remove_after(int(checkpoints.step.numpy()))

    @property
    def done(self) -> tuple[Retry, ...]:
        """The retries so far, also of earlier processes."""
        entries = json.loads(self._checkpoints.retries.numpy())
        return tuple(Retry(**entry) for entry in entries)

    @property
    def rate_factor(self) -> float:
        """Factor of the learning rate by now."""
        return RATE_FACTOR ** len(self.done)

    def due(self, done: int) -> bool:
        """Return whether the state after so many steps is to be kept."""
        return done % self.interval == 0

    def keep(self, done: int, seconds: float, progress: float) -> None:
        """Keep the present state, unless it has numbers that are not finite.

        A loss only tells about the weights before the step; see also
        :meth:`nac.training.checkpoints.Checkpoints.save`.
        """
        if all(map(_is_finite, self._variables)):
            self._kept.save(done, seconds, progress)

    def go_back(self, error: LossError) -> str:
        """Restore a kept state, and return a line that says so.

        That is the newest one, but not that of the retry before, as long as there is an older one.

        Args:
            error: Why.

        Raises:
            LossError: It was the last retry, or there is no such state.
        """
        before = self.done
        newest = before[-1].resumed_after if before else None
        if len(before) >= self._most:
            raise error
        step = self._kept.restore(lambda step: step != newest)
        if not self._kept.restored:
            step = self._kept.restore()
        if not self._kept.restored:
            raise error
        done = [*before, Retry(error.step, step)]
        self._checkpoints.retries.assign(json.dumps([asdict(retry) for retry in done]))
        seconds, progress = (
            float(value.numpy())
            for value in (self._checkpoints.seconds, self._checkpoints.progress)
        )
        self._checkpoints.save(step, seconds, progress)  # for the case of a kill
        self._kept.remove_after(step)
        return (
            f"note: the loss stopped being finite at step {error.step}; retry {len(done)} of"
            f" {self._most} goes on after step {step} with {self.rate_factor:g} times the learning"
            " rate"
        )


def _is_finite(variable: tf.Variable | keras.Variable) -> bool:
    value = tf.convert_to_tensor(variable)
    return not value.dtype.is_floating or bool(tf.reduce_all(tf.math.is_finite(value)))

"""Checkpoints of a job: everything that the next step depends on, exact after a kill."""

import time
from pathlib import Path

import keras
import tensorflow as tf

from nac.training.steps import Steps
from nac.utils.errors import JobError


class Checkpoints:
    """Saves and restores weights, accumulators, counters, optimizer, average, step and seconds.

    Args:
        directory: where the newest two checkpoints are kept.
        steps: steps of the model; their variables are the state.
        interval: seconds between saves.
    """

    def __init__(self, directory: Path, steps: Steps, interval: float):
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False)
        self.seconds = tf.Variable(0.0, dtype=tf.float64, trainable=False)
        state = {
            "step": self.step,
            "seconds": self.seconds,
            "model": _by_name(steps.model.variables),
            "optimizer": _by_name(steps.optimizer.variables),
            "average": {str(i): average for i, average in enumerate(steps.average.averages)},
        }
        self._manager = tf.train.CheckpointManager(
            tf.train.Checkpoint(**{key: _trackable(value) for key, value in state.items()}),
            str(directory),
            max_to_keep=2,
        )
        self._interval = interval
        self._saved = time.monotonic()

    def restore(self) -> int:
        """Restore the newest checkpoint if there is one; return the number of steps done.

        Raises:
            JobError: the checkpoint is damaged or of another network.
        """
        path = self._manager.latest_checkpoint
        if path:
            try:
                status = self._manager.checkpoint.restore(path)
                status.assert_existing_objects_matched()
            except Exception as error:  # TensorFlow raises many kinds for a file that is no good
                raise JobError(
                    f"{path}: not a checkpoint of this job; delete {Path(path).parent} to start"
                    f" the job anew ({type(error).__name__})"
                ) from error
        return int(self.step.numpy())

    def due(self) -> bool:
        """Whether it is time to save."""
        return time.monotonic() - self._saved >= self._interval

    def save(self, step: int, seconds: float) -> None:
        """Save the state after ``step`` steps and ``seconds`` of training."""
        self.step.assign(step)
        self.seconds.assign(seconds)
        self._manager.save(checkpoint_number=step)
        self._saved = time.monotonic()


def _by_name(variables: list[keras.Variable]) -> dict[str, tf.Variable]:
    return {f"{i:04d} {variable.path}": variable.value for i, variable in enumerate(variables)}


def _trackable(value):
    if not isinstance(value, dict):
        return value
    holder = tf.train.Checkpoint()
    holder.variables = value
    return holder

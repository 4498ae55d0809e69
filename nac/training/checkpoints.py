"""Checkpoints of a job: everything that the next step depends on."""

import time
from pathlib import Path

import keras
import tensorflow as tf

from nac.training.steps import Steps
from nac.utils.errors import JobError


class Checkpoints:
    """Saves and restores a job's variables, its step, its seconds of training and its progress.

    The variables are those of the model (weights, moving statistics, featuremap metrics, counters
    of random layers), the optimizer and the weights' average. With data that depend on the step
    alone, a job that was killed continues exactly.

    Args:
        directory: Directory that keeps the newest two checkpoints.
        steps: The job's steps, which hold the variables.
        interval: Seconds between saves.
        log: What the rounds of the job did so far (:class:`nac.training.rounds.PruningRounds`),
            None without rounds.
    """

    def __init__(
        self, directory: Path, steps: Steps, interval: float, log: tf.Variable | None = None
    ):
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False)
        self.seconds = tf.Variable(0.0, dtype=tf.float64, trainable=False)
        self.progress = tf.Variable(0.0, dtype=tf.float64, trainable=False)
        state = {
            "step": self.step,
            "seconds": self.seconds,
            "progress": self.progress,
            "model": _by_name(steps.model.variables),
            "optimizer": _by_name(steps.optimizer.variables),
            "average": steps.average.vector,
        }
        if log is not None:
            state["rounds"] = log
        self._manager = tf.train.CheckpointManager(
            tf.train.Checkpoint(**{key: _trackable(value) for key, value in state.items()}),
            str(directory),
            max_to_keep=2,
        )
        self._interval = interval
        self._saved = time.monotonic()

    def restore(self) -> int:
        """Restore the newest checkpoint, if there is one, and return the number of steps done.

        Raises:
            JobError: The checkpoint is damaged, or is that of another network.
        """
        path = self._manager.latest_checkpoint
        if path:
            try:
                status = self._manager.checkpoint.restore(path)
                status.assert_existing_objects_matched()
            except Exception as error:  # TensorFlow raises many kinds for a damaged file
                raise JobError(
                    f"{path}: not a checkpoint of this job; delete {Path(path).parent} to start"
                    f" the job anew ({type(error).__name__})"
                ) from error
        return int(self.step.numpy())

    def due(self) -> bool:
        """Return whether it is time to save."""
        return time.monotonic() - self._saved >= self._interval

    def save(self, step: int, seconds: float, progress: float) -> None:
        """Save the state after ``step`` steps and ``seconds`` of training.

        Args:
            step: Number of steps.
            seconds: Seconds of training.
            progress: Share of the job that is done.
        """
        self.step.assign(step)
        self.seconds.assign(seconds)
        self.progress.assign(progress)
        self._manager.save(checkpoint_number=step)
        self._saved = time.monotonic()


def _by_name(variables: list[keras.Variable]) -> dict[str, tf.Variable]:
    # The number keeps variables with equal paths apart.
    return {f"{i:04d} {variable.path}": variable.value for i, variable in enumerate(variables)}


def _trackable(value: tf.Variable | dict[str, tf.Variable]):
    if not isinstance(value, dict):
        return value
    holder = tf.train.Checkpoint()
    holder.variables = value
    return holder

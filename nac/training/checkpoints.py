"""Checkpoints of a job: everything that the next step depends on."""

import copy
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import keras
import tensorflow as tf

from nac.training.steps import Steps
from nac.utils.errors import JobError

KEPT = 2
"""Number of checkpoints that are kept: if the newest one is damaged, there is one before it."""

BEFORE_LONG_WORK = 5.0
"""Seconds after the newest checkpoint from which on an evaluation, or a round of pruning, has one
before it. As no more than this can be lost, a signal ends such work at once."""

NONE = -1
"""In place of a number of steps: there is no checkpoint."""


class Checkpoints:
    """Saves and restores a job's variables, and how far it is.

    Of several workers, the chief alone saves, and all restore what it chooses.

    The variables are those of the model (weights, moving statistics, featuremap metrics, counters
    of random layers), the optimizer and the weights' average. With data that depend on the step
    alone, a job that was killed continues exactly.

    Args:
        directory: Directory that keeps the newest checkpoints.
        steps: The job's steps, which hold the variables.
        interval: Seconds between saves.
        log: What the rounds of the job did so far (:class:`nac.training.rounds.PruningRounds`),
            None without rounds.

    Attributes:
        step: Number of steps done.
        seconds: Seconds of training.
        progress: Share of the job that is done.
        meter: State of the meter (:meth:`nac.training.meter.Meter.state`), empty at first.
        retries: The job's retries so far as JSON (:mod:`nac.training.retries`).
        restored: Whether there was one to restore.
        notes: What was wrong with newer ones.
    """

    def __init__(
        self, directory: Path, steps: Steps, interval: float, log: tf.Variable | None = None
    ):
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False)
        self.seconds = tf.Variable(0.0, dtype=tf.float64, trainable=False)
        self.progress = tf.Variable(0.0, dtype=tf.float64, trainable=False)
        with tf.device("CPU:0"):
            self.meter = tf.Variable("", dtype=tf.string, trainable=False)
            self.retries = tf.Variable("[]", dtype=tf.string, trainable=False)
        state = {
            "step": self.step,
            "seconds": self.seconds,
            "progress": self.progress,
            "meter": self.meter,
            "retries": self.retries,
            "model": _by_name(steps.model.variables),
            "optimizer": _by_name(steps.optimizer.variables),
            "average": steps.average.vector,
        }
        if log is not None:
            state["rounds"] = log
        self._checkpoint = tf.train.Checkpoint(
            **{key: _trackable(value) for key, value in state.items()}
        )
        self._directory, self._interval = directory, interval
        self._workers = steps.workers
        self._saved = time.monotonic()
        self._usable: list[int] = []
        self._most = KEPT
        self.restored, self.notes = False, list[str]()

    def beside(self, name: str, most: int) -> Self:
        """Return other checkpoints of the same variables, which are restored by themselves.

        Args:
            name: Their folder within the directory of these.
            most: Number of checkpoints that are kept.
        """
        others = copy.copy(self)
        others._directory, others._most = self._directory / name, most
        others._usable, others.restored, others.notes = [], False, []
        return others

    def restore(self, accepts: Callable[[int], bool] = lambda step: True) -> int:
        """Restore the newest checkpoint that is whole, and return the number of steps done.

        Args:
            accepts: Whether a checkpoint after so many steps counts.

        Raises:
            JobError: The checkpoint is that of another network.
        """
        self.restored, self.notes = False, []
        newest = self._newest(accepts) if self._workers.is_chief else None
        (agreed,) = self._workers.agreed([NONE if newest is None else newest])
        step = int(agreed)
        if step == NONE:
            return 0
        self._read(self.path(step))
        self.restored = True
        return step

    def _newest(self, accepts: Callable[[int], bool]) -> int | None:
        """Return the number of steps of the newest checkpoint that is whole, None without one."""
        for folder in self._directory.glob("ckpt-*_temp"):  # of a save that was killed
            shutil.rmtree(folder, ignore_errors=True)
        for step in filter(accepts, sorted(self._found(), reverse=True)):
            damage = _damage(self.path(step))
            if damage is None:
                self._usable = [
                    other for other in sorted(self._found()) if other <= step and accepts(other)
                ]
                return step
            self.notes.append(f"note: {self.path(step)} cannot be used ({damage})")
        return None

    def _found(self) -> set[int]:
        return checkpoint_steps(self._directory)

    def path(self, step: int) -> Path:
        """Return the path of the checkpoint after so many steps, to which endings are added."""
        return self._directory / f"ckpt-{step}"

    def _read(self, path: Path) -> None:
        try:
            status = self._checkpoint.read(str(path))
            status.assert_existing_objects_matched()
        except Exception as error:  # TensorFlow raises many kinds
            raise JobError(
                f"{path}: not a checkpoint of this job, or one of another version of nac; delete"
                f" {path.parent} to start the job anew ({type(error).__name__})"
            ) from error

    def due(self, before_long_work: bool = False) -> bool:
        """Return whether it is time to save.

        Args:
            before_long_work: Whether something follows that takes a while, but no training.
        """
        interval = min(self._interval, BEFORE_LONG_WORK) if before_long_work else self._interval
        return time.monotonic() - self._saved >= interval

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
        if self._workers.is_chief:
            self._write(step)
        self._saved = time.monotonic()

    def _write(self, step: int) -> None:
        self._checkpoint.write(str(self.path(step)))
        self._usable = [*(other for other in self._usable if other < step), step][-self._most :]
        for other in self._found().difference(self._usable):
            self._remove(other)

    def remove_after(self, step: int) -> None:
        """Remove the checkpoints after more than so many steps."""
        if not self._workers.is_chief:
            return
        found = self._found()
        for other in found:
            if other > step:
                self._remove(other)
        self._usable = sorted(other for other in found if other <= step)

    def _remove(self, step: int) -> None:
        for path in self._directory.glob(f"ckpt-{step}.*"):
            path.unlink(missing_ok=True)


def checkpoint_steps(directory: Path, part: str = "*") -> set[int]:
    """Return the steps of the checkpoints in a directory of which there is some part.

    Args:
        directory: The directory.
        part: Ending of the files that count, such as "index".
    """
    names = (re.match(r"ckpt-(\d+)\.", path.name) for path in directory.glob(f"ckpt-*.{part}"))
    return {int(name[1]) for name in names if name}


def _damage(path: Path) -> str | None:
    """Return what is wrong with a checkpoint, None if all of it can be read."""
    if not path.with_name(f"{path.name}.index").exists():
        return "its index is missing"
    try:
        reader = tf.train.load_checkpoint(str(path))
        for name in reader.get_variable_to_shape_map():
            reader.get_tensor(name)
    except Exception as error:  # TensorFlow raises many kinds for a damaged file
        return (str(error).strip().splitlines() or [type(error).__name__])[0]
    return None


def _by_name(variables: list[keras.Variable]) -> dict[str, tf.Variable]:
    # The number keeps variables with equal paths apart.
    return {f"{i:04d} {variable.path}": variable.value for i, variable in enumerate(variables)}


def _trackable(value: tf.Variable | dict[str, tf.Variable]):
    if not isinstance(value, dict):
        return value
    holder = tf.train.Checkpoint()
    holder.variables = value
    return holder

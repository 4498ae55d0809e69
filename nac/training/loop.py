"""The training loop: one for every strategy."""

import time
from dataclasses import dataclass
from pathlib import Path

import keras
import tensorflow as tf

from nac.config.splits import TEST, VALIDATION
from nac.config.values import Recipe
from nac.tensorboard.curves import Curves
from nac.training.averages import average_decay
from nac.training.batches import Batches
from nac.training.checkpoints import Checkpoints
from nac.training.evaluation import (
    CALIBRATION_BATCHES,
    Score,
    calibrate,
    evaluation_split,
    score,
)
from nac.training.interruption import StopRequest
from nac.training.measurements import gates, strengths
from nac.training.meter import Meter, Stopwatch
from nac.training.progress import Progress
from nac.training.schedules import learning_rate
from nac.training.steps import Steps
from nac.utils.errors import JobError

RECORDS = 100
"""Approximate number of points that a long job writes for TensorBoard."""

SHORTEST_INTERVAL = 20
"""Steps between two points, at least: a point costs half as much as a step of a small network."""


@dataclass
class Outcome:
    """The outcome of a training.

    Attributes:
        score: Score of the averaged weights after the last step, on the test images or, if those
            are not to be scored, on the validation images.
        validation: The same on the validation images, None without such images.
        training_loss: Mean cross-entropy of the last steps.
        seconds: Duration of the training without evaluations.
        images_per_second: Speed of the training in this process.
        input_wait: Share of the training time in which the loop waited for data.
    """

    score: Score
    validation: Score | None
    training_loss: float
    seconds: float
    images_per_second: float
    input_wait: float


class Loop:
    """Trains one model: steps, reports, evaluations, checkpoints.

    Args:
        steps: Compiled steps of the model.
        batches: The data.
        recipe: The recipe.
        examples: Number of training images, for epochs.
        checkpoints: The state of the training, already restored.
        curves: Writer of TensorBoard's curves.
        progress: Reports on the terminal and in the log.
    """

    def __init__(
        self,
        steps: Steps,
        batches: Batches,
        recipe: Recipe,
        examples: int,
        checkpoints: Checkpoints,
        curves: Curves,
        progress: Progress,
    ):
        self._steps, self._batches, self._recipe = steps, batches, recipe
        self._checkpoints, self._curves, self._progress = checkpoints, curves, progress
        parameters = recipe.parameters
        self._total = parameters.steps
        # As in AMLA, an epoch of the schedule is that of one tower (docs/amla.md).
        self._steps_per_epoch = max(1, examples // parameters.batch_size)
        self._record_interval = max(SHORTEST_INTERVAL, self._total // RECORDS)
        self._stopwatch = Stopwatch(float(checkpoints.seconds.numpy()))
        self._meter = Meter(
            parameters.global_batch_size, self._stopwatch, ("progress", "record", "all")
        )
        self._rate = None
        self._input_seconds = self._training_loss = 0.0
        self._split = evaluation_split(parameters)
        self._score: Score | None = None
        self._calibrated: int | None = None

    def run(self, start: int) -> Outcome:
        """Train from step ``start`` to the end; the last evaluation is the outcome.

        Raises:
            JobError: The loss stopped being finite, or the process received SIGTERM.
        """
        with StopRequest() as stop:
            iterator = iter(self._batches.training(start, self._total))
            for step in range(start, self._total):
                self._train_step(step, iterator)
                if step == start:
                    self._first_step_done(step + 1)
                self._after_step(step + 1)
                if step + 1 < self._total:
                    self._save_if_due(step + 1, stop.requested)
        return self._outcome(self._score or self._evaluate(start))

    def _outcome(self, result: Score) -> Outcome:
        """Return the outcome of a training whose last evaluation had this result."""
        validation = result if self._split == VALIDATION else None
        reading, seconds = self._meter.read("all"), self._stopwatch.read()
        if validation and self._recipe.parameters.score_test:
            result = self._scored(self._total, TEST)
        self._curves.flush()
        return Outcome(
            score=result,
            validation=validation,
            training_loss=self._training_loss,
            seconds=seconds,
            images_per_second=reading.images_per_second,
            input_wait=self._input_seconds / max(1e-9, seconds),
        )

    def _after_step(self, done: int) -> None:
        """Record, report and evaluate if each is due."""
        last = done == self._total
        if done % self._record_interval == 0 or last:
            self._record(done)
        if self._progress.due():
            self._report(done)
        interval = self._recipe.parameters.eval_interval
        if last or (interval is not None and done % interval == 0):
            self._score = self._evaluate(done)

    def _save_if_due(self, done: int, stopping: bool) -> None:
        if stopping or self._checkpoints.due():
            self._meter.settle(done)
            self._checkpoints.save(done, self._stopwatch.read())
        if stopping:
            raise JobError(f"stopped by SIGTERM after step {done}; a checkpoint is kept")

    def _train_step(self, step: int, iterator) -> None:
        rate = learning_rate(self._recipe.training.lr, step, self._steps_per_epoch)
        if rate != self._rate:
            self._steps.optimizer.learning_rate.assign(rate)
            self._rate = rate
        before = time.monotonic()
        images, labels = next(iterator)
        self._input_seconds += time.monotonic() - before
        decay = tf.constant(average_decay(step), tf.float32)
        self._meter.add(*self._steps.train(images, labels, decay))

    def _first_step_done(self, done: int) -> None:
        self._meter.settle(done)
        self._meter.restart_clock()
        seconds = self._stopwatch.read() - float(self._checkpoints.seconds.numpy())
        self._progress.line(f"step {done}/{self._total}  compiled in {seconds:.1f} s")

    def _record(self, done: int) -> None:
        self._meter.settle(done)
        reading = self._meter.read("record")
        scalars = {
            "loss": reading.loss,
            "accuracy": reading.accuracy,
            "learning_rate": self._rate,
            "images_per_second": reading.images_per_second,
        }
        model, parameters = self._steps.model, self._recipe.parameters
        measured = strengths(model, parameters.ranking, parameters.seed)
        self._curves.training(done, scalars, measured, gates(model))
        self._training_loss = reading.loss

    def _report(self, done: int) -> None:
        self._meter.settle(done)
        reading = self._meter.read("progress")
        left = (self._total - done) * self._recipe.parameters.global_batch_size
        self._progress.report(
            done,
            reading.loss,
            reading.accuracy,
            reading.images_per_second,
            left / max(1e-9, reading.images_per_second),
        )

    def _evaluate(self, done: int) -> Score:
        self._meter.settle(done)
        self._stopwatch.pause()
        result = self._scored(done, self._split)
        self._curves.evaluation(done, {"loss": result.loss, "accuracy": result.accuracy})
        self._stopwatch.resume()
        return result

    def _scored(self, done: int, split: str) -> Score:
        with self._steps.average.in_place():
            self._calibrate(done)
            result = score(self._batches.evaluation(split), self._steps.evaluate)
        self._progress.line(
            f"step {done}/{self._total}  {split} accuracy {result.accuracy:.4f}"
            f"  {split} loss {result.loss:.4f}"
        )
        return result

    def _calibrate(self, done: int) -> None:
        """Re-estimate batch-norm statistics for the weights in place, once per number of steps."""
        if self._calibrated != done:
            calibrate(self._steps, self._batches.training(0, CALIBRATION_BATCHES))
            self._calibrated = done


def inference_model(model: keras.Model) -> keras.Model:
    """Return the network without its auxiliary classifiers: images -> logits."""
    if len(model.outputs) == 1:
        return model
    return keras.Model(model.inputs, model.outputs[0], name=model.name)


def write_model(steps: Steps, path: Path) -> None:
    """Save the network as it was last evaluated, with averaged weights and calibrated batch norms.

    Training leaves the moving statistics of batch norms as the evaluation calibrated them.
    """
    model, temporary = inference_model(steps.model), path.with_name(f".{path.name}.partial.keras")
    with steps.average.in_place():
        model.save(temporary)
    temporary.replace(path)

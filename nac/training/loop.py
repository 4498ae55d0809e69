"""The training loop: one for every strategy."""

import signal
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf

from nac.architecture import Architecture
from nac.config.values import Recipe
from nac.data.pipeline import evaluation_batches, training_batches
from nac.data.splits import Images
from nac.errors import InputError, JobError
from nac.training.averages import average_decay
from nac.training.checkpoints import Checkpoints
from nac.training.evaluation import CALIBRATION_BATCHES, Score, calibrate, score
from nac.training.measurements import read_statistics
from nac.training.meter import Meter, Stopwatch
from nac.training.progress import Progress
from nac.training.schedules import learning_rate
from nac.training.steps import Steps
from nac.training.summaries import Summaries

RECORDS = 100
"""Points that a long job writes for TensorBoard, about."""

SHORTEST_INTERVAL = 5
"""Steps between two points at least: a point costs as much as a step of a small network."""


class Batches:
    """Distributed batches of a job: training from any step, calibration, evaluation.

    Args:
        images: the data set.
        recipe: batch size, augmentation, seed.
        strategy: which replicas share a batch.

    Raises:
        InputError: the replicas cannot share a batch equally.
    """

    def __init__(self, images: Images, recipe: Recipe, strategy: tf.distribute.Strategy):
        self._images, self._recipe, self._strategy = images, recipe, strategy
        self._replicas = strategy.num_replicas_in_sync
        size = recipe.parameters.global_batch_size
        if size % self._replicas:
            raise InputError(
                f"parameters.batch_size: expected a global batch that {self._replicas} devices"
                f" can share equally, received {size}"
            )

    def training(self, start: int, stop: int) -> Iterable:
        """Return the batches of steps ``start`` to ``stop - 1``."""
        parameters = self._recipe.parameters
        return self._distribute(
            training_batches(
                self._images,
                self._recipe.augmentation,
                parameters.image_size,
                parameters.global_batch_size,
                range(start, stop),
                parameters.seed,
                self._replicas,
            )
        )

    def evaluation(self) -> Iterable:
        """Return the batches of the test images."""
        return self._distribute(
            evaluation_batches(
                self._images.test_images,
                self._images.test_labels,
                self._recipe.augmentation,
                self._recipe.parameters.global_batch_size,
                self._replicas,
            )
        )

    def _distribute(self, batches: tf.data.Dataset) -> Iterable:
        return self._strategy.distribute_datasets_from_function(lambda _: batches)


@dataclass
class Outcome:
    """What a training came to.

    Attributes:
        score: of the averaged weights on the test images, after the last step.
        training_loss: mean cross-entropy of the last steps.
        seconds: of training, evaluations left out.
        images_per_second: over all of this process's training.
        input_wait: share of the training time in which the loop waited for data.
    """

    score: Score
    training_loss: float
    seconds: float
    images_per_second: float
    input_wait: float


class StopRequest:
    """Notes SIGTERM, so the loop can save a checkpoint and leave.

    TensorFlow installs a handler of its own that swallows the signal; make this one later.
    """

    def __init__(self):
        self.requested = False
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self._note)

    def _note(self, *_) -> None:
        self.requested = True


class Loop:
    """Trains one model: steps, reports, evaluations, checkpoints.

    Args:
        steps: compiled steps of the model.
        batches: data.
        recipe: the recipe.
        examples: number of training images, for epochs.
        architecture: what the model was built from.
        checkpoints: state, restored already.
        summaries: TensorBoard.
        progress: terminal and log.
    """

    def __init__(
        self,
        steps: Steps,
        batches: Batches,
        recipe: Recipe,
        examples: int,
        architecture: Architecture,
        checkpoints: Checkpoints,
        summaries: Summaries,
        progress: Progress,
    ):
        self._steps, self._batches, self._recipe = steps, batches, recipe
        self._architecture, self._checkpoints = architecture, checkpoints
        self._summaries, self._progress = summaries, progress
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
        self._input_seconds = 0.0

    def run(self, start: int) -> Outcome:
        """Train from step ``start`` to the end; the last evaluation is the outcome.

        Raises:
            JobError: the loss stopped being finite.
        """
        stop = StopRequest()
        iterator = iter(self._batches.training(start, self._total))
        training_loss, result = 0.0, None
        for step in range(start, self._total):
            self._train_step(step, iterator)
            done = step + 1
            last = done == self._total
            if step == start:
                self._first_step_done(done)
            if done % self._record_interval == 0 or last:
                training_loss = self._record(done)
            if self._progress.due():
                self._report(done)
            if last or self._is_evaluation(done):
                result = self._evaluate(done)
            if (stop.requested or self._checkpoints.due()) and not last:
                self._save(done)
            if stop.requested and not last:
                raise JobError(f"stopped by SIGTERM after step {done}; a checkpoint is kept")
        return self._outcome(result or self._evaluate(start), training_loss)

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

    def _is_evaluation(self, done: int) -> bool:
        interval = self._recipe.parameters.eval_interval
        return interval is not None and done % interval == 0

    def _record(self, done: int) -> float:
        self._meter.settle(done)
        reading = self._meter.read("record")
        scalars = {
            "loss": reading.loss,
            "accuracy": reading.accuracy,
            "learning_rate": self._rate,
            "images_per_second": reading.images_per_second,
        }
        statistics = read_statistics(self._architecture, self._steps.model)
        self._summaries.training(done, scalars, statistics)
        return reading.loss

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
        with self._steps.average.in_place():
            self.calibrate()
            result = score(self._batches.evaluation(), self._steps.evaluate)
        self._summaries.validation(done, {"loss": result.loss, "accuracy": result.accuracy})
        self._progress.line(
            f"step {done}/{self._total}  test accuracy {result.accuracy:.4f}"
            f"  test loss {result.loss:.4f}"
        )
        self._stopwatch.resume()
        return result

    def _save(self, done: int) -> None:
        self._meter.settle(done)
        self._checkpoints.save(done, self._stopwatch.read())

    def calibrate(self) -> None:
        """Re-estimate batch-norm statistics for the weights in place."""
        calibrate(self._steps, self._batches.training(0, CALIBRATION_BATCHES))

    def _outcome(self, result: Score, training_loss: float) -> Outcome:
        self._summaries.flush()
        reading, seconds = self._meter.read("all"), self._stopwatch.read()
        return Outcome(
            score=result,
            training_loss=training_loss,
            seconds=seconds,
            images_per_second=reading.images_per_second,
            input_wait=self._input_seconds / max(1e-9, seconds),
        )


def write_model(loop: Loop, steps: Steps, path: Path) -> None:
    """Save the network as it is evaluated: averaged weights, calibrated batch norms."""
    temporary = path.with_name(f".{path.name}.partial.keras")
    with steps.average.in_place():
        loop.calibrate()
        steps.model.save(temporary)
    temporary.replace(path)

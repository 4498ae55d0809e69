"""The training loop: one for every strategy."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

from nac.config.splits import TEST, VALIDATION
from nac.config.values import Recipe
from nac.display.job_events import Compiled, Evaluated, Note, Pruned, Step, Working
from nac.tensorboard.curves import Curves
from nac.training.averages import average_decay
from nac.training.batches import Batches
from nac.training.calls import Calls
from nac.training.checkpoints import Checkpoints
from nac.training.evaluation import (
    CALIBRATION_BATCHES,
    Answers,
    Score,
    answer,
    calibrate,
    evaluation_split,
)
from nac.training.measurements import gates, strengths
from nac.training.meter import Meter, Stopwatch
from nac.training.pace import Due, Pace
from nac.training.plan import Plan
from nac.training.progress import Progress
from nac.training.retries import Retries
from nac.training.rounds import PruningRounds
from nac.training.schedules import learning_rate
from nac.utils.signals import Interrupted, StopRequest, signal_name

RECORDS = 100
"""Approximate number of points that a long job writes for TensorBoard."""

SHORTEST_INTERVAL = 20
"""Steps between two points, at least: a point costs half as much as a step of a small network."""

LONGEST_CALL = 0.5
"""Seconds that a call of several steps should take at most, as signals and reports wait for it."""


@dataclass
class Outcome:
    """The outcome of a training.

    Attributes:
        answers: What the averaged weights after the last step answer for the test images or, if
            those are not to be scored, for the validation images.
        score: The score of these answers.
        validation: The same on the validation images, None without such images.
        flipped: As ``score``, of the mean output for each image and its mirror image; None unless
            the recipe asks for it.
        training_loss: Mean cross-entropy of the last steps.
        steps: Number of steps.
        seconds: Duration of the training without evaluations.
        images_per_second: Speed of the training in this process.
        input_wait: Share of the training time in which the loop waited for data.
    """

    answers: Answers
    score: Score
    validation: Score | None
    flipped: Score | None
    training_loss: float
    steps: int
    seconds: float
    images_per_second: float
    input_wait: float


class Loop:
    """Trains one model: steps, reports, evaluations, checkpoints.

    Args:
        calls: Calls of the compiled steps of the model.
        batches: The data.
        recipe: The recipe.
        plan: The number of steps.
        examples: Number of training images, for epochs.
        checkpoints: The state of the training, already restored.
        curves: Writer of TensorBoard's curves.
        progress: Reports to a display and in the log.
        rounds: What the job removes while it trains, None for nothing.
        retries: What to go back to if the loss stops being finite, None for nothing.
        stop: Whether the process is asked to end.
    """

    def __init__(
        self,
        calls: Calls,
        batches: Batches,
        recipe: Recipe,
        plan: Plan,
        examples: int,
        checkpoints: Checkpoints,
        curves: Curves,
        progress: Progress,
        rounds: PruningRounds | None = None,
        retries: Retries | None = None,
        stop: StopRequest | None = None,
    ):
        self._calls, self._steps = calls, calls.steps
        self._batches, self._recipe, self._plan = batches, recipe, plan
        self._checkpoints, self._curves, self._progress = checkpoints, curves, progress
        self._rounds, self._retries, self._stop = rounds, retries, stop or StopRequest()
        workers = self._steps.workers
        self._pace, self._due = Pace(workers, plan, checkpoints, progress, self._stop), Due()
        progress.steps = plan.steps
        parameters = recipe.parameters
        # As in AMLA, an epoch of the schedule is that of one tower (docs/amla.md).
        self._steps_per_epoch = max(1, examples // parameters.batch_size)
        self._record_interval = _record_interval(plan.steps)
        self._eval_interval = parameters.eval_interval or plan.last
        self._stopwatch = Stopwatch(float(checkpoints.seconds.numpy()))
        self._meter = Meter(
            parameters.global_batch_size, self._stopwatch, ("progress", "record", "all")
        )
        if checkpoints.meter.numpy():
            self._meter.restore(checkpoints.meter.numpy().decode())
        self._training_loss = 0.0
        self._rate_factor = retries.rate_factor if retries else 1.0
        self._step_seconds: float | None = None
        self._split = evaluation_split(parameters)
        self._answers: Answers | None = None
        self._calibrated: int | None = None

    def run(self, start: int) -> Outcome:
        """Train from step ``start`` to the end; the last evaluation is the outcome.

        A checkpoint is saved before what is due after a step, which is repeated when it is
        restored. So it has no need to say what of that was done.

        Raises:
            LossError: The loss stopped being finite.
            Interrupted: The process is asked to end; a checkpoint is saved.
        """
        batches = self._batches.training_parts(start, self._plan.last)
        done = start
        if start:
            self._after_step(start)
        elif self._retries and not self._retries.done and not self._checkpoints.restored:
            self._retries.keep(start, 0.0, 0.0)
        if done < self._plan.steps:
            self._progress.show(Working("compiling"))
            done += self._train(done, batches)
            self._first_step_done(done)
        with self._stop.deferred():
            while done > start:
                self._due = self._pace.due(self._step_seconds)
                self._adjust_if_due(done)
                self._save_if_due(done)
                self._after_step(done)
                if done >= self._plan.steps:
                    break
                done += self._train(done, batches)
        return self._outcome(self._answers or self._evaluate(done))

    def _outcome(self, answers: Answers) -> Outcome:
        """Return the outcome of a training whose last evaluation had these answers."""
        validation = answers.score if self._split == VALIDATION else None
        reading, seconds = self._meter.read("all"), self._stopwatch.read()
        done, split = self._plan.steps, self._split
        if validation and self._recipe.parameters.score_test:
            split = TEST
            answers = self._answered(done, split)
        flipped = self._answered(done, split, flipped=True) if self._recipe.scores_flipped else None
        self._curves.flush()
        return Outcome(
            answers=answers,
            score=answers.score,
            validation=validation,
            flipped=flipped and flipped.score,
            training_loss=self._training_loss,
            steps=done,
            seconds=seconds,
            images_per_second=reading.images_per_second,
            input_wait=self._meter.waited / max(1e-9, seconds),
        )

    def _after_step(self, done: int) -> None:
        """Record, report and evaluate if each is due."""
        last = done >= self._plan.steps
        if done % self._record_interval == 0 or last:
            self._record(done)
        if self._due.report:
            self._report(done)
        if self._rounds and self._round_due():
            self._prune(done, self._rounds)
        # A job of very few steps, or one that has to end early, still does all of its rounds.
        while self._rounds and last and self._rounds.due(1.0):
            self._prune(done, self._rounds)
        if self._evaluation_due(done):
            self._answers = self._evaluate(done)

    def _evaluation_due(self, done: int) -> bool:
        return done % self._eval_interval == 0 or done >= self._plan.steps

    def _round_due(self) -> bool:
        return self._rounds is not None and self._rounds.due(self._plan.progress)

    def _fitting_steps(self, done: int) -> int:
        """Return the number of steps in the next call: none beyond what is due after a step."""
        ends = (
            self._plan.steps,
            _next(done, self._record_interval),
            _next(done, self._eval_interval),
            self._next_round(done),
            _next(done, self._retries.interval) if self._retries else self._plan.last,
        )
        seconds = self._due.step_seconds
        if seconds is None:  # The first call compiles, the second one shows the time.
            return 1
        fitting = LONGEST_CALL / max(seconds, LONGEST_CALL / self._calls.most)
        return max(1, min(round(fitting), min(ends) - done))

    def _next_round(self, done: int) -> int:
        """Return the number of steps before the next round, that of all steps if none follows."""
        share = self._rounds.next_share() if self._rounds else None
        return self._plan.steps if share is None else max(done + 1, self._plan.step_at(done, share))

    def _save_if_due(self, done: int) -> None:
        stopping, due = self._due.stop, self._due.checkpoint
        if self._evaluation_due(done) or self._round_due():
            due = self._due.checkpoint_before_long_work
        if self._retries and self._retries.due(done):
            self._settle(done)
            self._retries.keep(done, self._stopwatch.read(), self._plan.progress)
        if stopping is not None or due:
            self._settle(done)
            self._checkpoints.save(done, self._stopwatch.read(), self._plan.progress)
        elif done >= self._plan.steps:  # for who keeps the last state as a checkpoint
            self._settle(done)
        if stopping is not None:
            self._pace.wait_for_all()  # above all, for the chief, which saves
            name = signal_name(stopping)
            self._progress.show(Note(f"{name}: ended after step {done}, a checkpoint is kept"))
            raise Interrupted(stopping)

    def _settle(self, done: int) -> None:
        """Complete what a checkpoint consists of, and what it takes for granted."""
        self._meter.settle(done)
        self._checkpoints.meter.assign(self._meter.state())
        self._curves.flush()

    def _train(self, done: int, batches: Iterator) -> int:
        """Train as many steps as fit into a call, after ``done`` steps; return their number."""
        steps = range(done, done + self._fitting_steps(done))
        training, size = self._recipe.training, self._recipe.parameters.global_batch_size
        rates = [
            self._rate_factor
            * learning_rate(training.lr, step, self._steps_per_epoch, progress, size)
            for step, progress in zip(
                steps, self._plan.advance(steps.start, len(steps)), strict=True
            )
        ]
        longest = training.average_share * self._plan.steps or math.inf
        decays = [average_decay(step, longest) for step in steps]
        before = time.monotonic()
        self._meter.add(self._calls.train(batches, rates, decays))
        self._step_seconds = (time.monotonic() - before) / len(steps)
        return len(steps)

    def _first_step_done(self, done: int) -> None:
        self._step_seconds = None  # of which most was compilation
        self._meter.settle(done)
        self._meter.restart_clock()
        seconds = self._stopwatch.read() - float(self._checkpoints.seconds.numpy())
        self._progress.show(Compiled(done, self._plan.steps, seconds))
        self._plan.compiled(done, seconds)

    def _adjust_if_due(self, done: int) -> None:
        if self._due.adjustment and done < self._plan.steps:
            self._meter.settle(done)
            self._pace.adjust(done)
            self._progress.steps = self._plan.steps
            wanted = _record_interval(self._plan.steps)
            if not wanted / 2 < self._record_interval < 2 * wanted:  # rarely, to keep points even
                self._record_interval = wanted

    def _record(self, done: int) -> None:
        self._meter.settle(done)
        reading = self._meter.read("record")
        scalars = {
            "loss": reading.loss,
            "accuracy": reading.accuracy,
            "learning_rate": float(self._steps.optimizer.learning_rate.numpy()),
            "images_per_second": reading.images_per_second,
        }
        model, parameters = self._steps.model, self._recipe.parameters
        measured = strengths(model, parameters.ranking, parameters.seed)
        self._curves.training(done, scalars, measured, gates(model))
        self._training_loss = reading.loss

    def _report(self, done: int) -> None:
        self._meter.settle(done)
        reading = self._meter.read("progress")
        left = (self._plan.steps - done) * self._recipe.parameters.global_batch_size
        self._progress.show(
            Step(
                done,
                self._progress.steps,
                reading.loss,
                reading.accuracy,
                reading.images_per_second,
                left / max(1e-9, reading.images_per_second),
            )
        )

    def _evaluate(self, done: int) -> Answers:
        self._meter.settle(done)
        self._stopwatch.pause()
        before = time.monotonic()
        with self._stop.at_once():
            answers = self._answered(done, self._split)
        result = answers.score
        self._curves.evaluation(done, {"loss": result.loss, "accuracy": result.accuracy})
        self._plan.paused(time.monotonic() - before)
        self._stopwatch.resume()
        return answers

    def _prune(self, done: int, rounds: PruningRounds) -> None:
        """Remove what is missed least."""
        self._meter.settle(done)
        self._stopwatch.pause()
        before = time.monotonic()
        self._progress.show(Working("measuring branches"))
        with self._stop.at_once():
            entry = rounds.run(done)
        self._calibrated = None
        removed, number = tuple(entry.removed), len(rounds.rounds)
        self._progress.show(Pruned(done, self._progress.steps, number, removed))
        self._plan.paused(time.monotonic() - before)
        self._stopwatch.resume()

    def _answered(self, done: int, split: str, flipped: bool = False) -> Answers:
        step = self._steps.evaluate_flipped if flipped else self._steps.evaluate
        self._progress.show(Working("evaluating"))
        with self._steps.average.in_place():
            self._calibrate(done)
            answers = answer(self._batches.evaluation(split), step)
        result, steps = answers.score, self._progress.steps
        self._progress.show(
            Evaluated(done, steps, split, result.accuracy, result.loss, mirrored=flipped)
        )
        return answers

    def _calibrate(self, done: int) -> None:
        """Re-estimate batch-norm statistics for the weights in place, once per number of steps."""
        if self._calibrated != done:
            calibrate(self._steps, self._batches.training(0, CALIBRATION_BATCHES))
            self._calibrated = done


def _record_interval(steps: int) -> int:
    """Return the number of steps between two points of the curves of a job."""
    return max(SHORTEST_INTERVAL, steps // RECORDS)


def _next(done: int, interval: int) -> int:
    """Return the next multiple of an interval."""
    return (done // interval + 1) * interval

"""Calls of several training steps, between which no Python runs."""

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import tensorflow as tf

from nac.training.memory import PeakMemory, variables_bytes
from nac.training.steps import Steps

STEPS_PER_CALL = 10
"""Largest number of steps in a call, unless a job asks for another one."""


class Trained(NamedTuple):
    """What a call returns: vectors with an element per step, which may still be computed.

    Attributes:
        losses: Mean cross-entropy of the batch.
        correct: Number of right answers.
        waits: Seconds until the batch was there.
    """

    losses: tf.Tensor
    correct: tf.Tensor
    waits: tf.Tensor


class Calls:
    """Calls the training step several times at once, in a loop of TensorFlow's.

    A call from Python takes about a millisecond for a network with hundreds of variables, and a GPU
    should not have to wait for it.

    Args:
        steps: The compiled steps of a job.
        most: Largest number of steps in a call.

    Attributes:
        memory: The memory that the steps of all calls took.
    """

    def __init__(self, steps: Steps, most: int):
        self.steps, self.most = steps, most
        self.memory = PeakMemory(steps.strategy.extended.worker_devices, variables_bytes(steps))

    def train(self, batches: Iterator, rates: Sequence[float], decays: Sequence[float]) -> Trained:
        """Train on the next batches.

        Args:
            batches: Reads the parts of the batches (see :func:`nac.training.batches.parts`).
            rates: Learning rate of each step; as many as there are steps.
            decays: Decay of the weights' average in each step.
        """
        count, padding = len(rates), [0.0] * (self.most - len(rates))
        # The vectors have one length, as another would need another compilation.
        vectors = (tf.constant([*values, *padding], tf.float32) for values in (rates, decays))
        with self.memory.measured():
            return Trained(*self._train(batches, tf.constant(count), *vectors))

    @tf.function(autograph=False)
    def _train(self, batches: Iterator, count: tf.Tensor, rates: tf.Tensor, decays: tf.Tensor):
        # Rates and results are beside the weights, so that no step has to wait for a copy.
        with tf.device(self.steps.strategy.extended.worker_devices[0]):
            return self._train_in_place(batches, count, rates, decays)

    def _train_in_place(self, batches, count, rates, decays) -> list[tf.Tensor]:
        def step(number, results):
            images, labels, wait = self._next(batches)
            self.steps.optimizer.learning_rate.assign(rates[number])
            loss, correct = self.steps.train_step(images, labels, decays[number])
            own = tf.range(self.most)[:, tf.newaxis] == number
            return number + 1, tf.where(own, [loss, correct, wait], results)

        # One step after the other: the next one needs the weights of this one.
        _, results = tf.while_loop(
            lambda number, _: number < count,
            step,
            (0, tf.zeros((self.most, 3))),
            parallel_iterations=1,
        )
        return tf.unstack(results[:count], axis=1)

    def _next(self, batches: Iterator):
        """Return the next distributed images and labels, and the seconds until they were there."""
        strategy, started = self.steps.strategy, _now()

        def part():
            with tf.control_dependencies([started]):
                return next(batches)

        images, labels = strategy.run(part)
        with tf.control_dependencies(strategy.experimental_local_results(labels)):
            return images, labels, tf.cast(_now() - started, tf.float32)


def _now() -> tf.Tensor:
    """Return the time in seconds. TensorFlow's own clock does not run in deterministic mode."""
    return tf.ensure_shape(tf.numpy_function(time.monotonic, [], tf.float64), ())

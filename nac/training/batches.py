"""The batches of a job, distributed over its devices."""

from collections.abc import Iterable

import tensorflow as tf

from nac.config.splits import TEST
from nac.config.values import Recipe
from nac.data.splits import Source
from nac.utils.errors import InputError


class Batches:
    """Distributed batches of a job: training from any step, calibration, evaluation.

    Args:
        source: the data set.
        recipe: batch size, augmentation, seed.
        strategy: which replicas share a batch.

    Raises:
        InputError: the replicas cannot share a batch equally.
    """

    def __init__(self, source: Source, recipe: Recipe, strategy: tf.distribute.Strategy):
        self._source, self._recipe, self._strategy = source, recipe, strategy
        self._replicas = strategy.num_replicas_in_sync
        size = recipe.parameters.global_batch_size
        if size % self._replicas:
            raise InputError(
                f"parameters.batch_size: expected a global batch that {self._replicas} devices"
                f" can share equally, received {size}"
            )

    def training(self, start: int, stop: int) -> Iterable:
        """Return the batches of steps ``start`` to ``stop - 1``."""
        steps = range(start, stop)
        return self._distribute(self._source.training_batches(self._recipe, steps, self._replicas))

    def evaluation(self, split: str = TEST) -> Iterable:
        """Return the batches of the test or the validation images."""
        batches = self._source.evaluation_batches(self._recipe, self._replicas, split)
        return self._distribute(batches)

    def _distribute(self, batches: tf.data.Dataset) -> Iterable:
        # The tuning thread of an iterator sleeps up to a minute, and the iterator's end waits for
        # it: jobs would stand still after their last step. Parallelism then is that of the cores.
        options = tf.data.Options()
        options.autotune.enabled = False
        plain = batches.with_options(options)
        return self._strategy.distribute_datasets_from_function(lambda _: plain)

"""The batches of a job, distributed over its devices."""

from collections.abc import Iterable

import tensorflow as tf

from nac.config.splits import TEST
from nac.config.values import Recipe
from nac.data.source import Source
from nac.utils.errors import InputError


class Batches:
    """Distributed batches of a job, for training from any step, calibration and evaluation.

    Args:
        source: The data set.
        recipe: Its batch size, augmentation and seed.
        strategy: The strategy whose replicas share each batch.

    Raises:
        InputError: The replicas cannot share a batch equally.
    """

    def __init__(self, source: Source, recipe: Recipe, strategy: tf.distribute.Strategy):
        self._source, self._recipe, self._strategy = source, recipe, strategy
        size, replicas = recipe.parameters.global_batch_size, strategy.num_replicas_in_sync
        if size % replicas:
            raise InputError(
                f"parameters.batch_size: expected a global batch that {replicas} devices"
                f" can share equally, received {size}"
            )

    def training(self, start: int, stop: int) -> Iterable:
        """Return the batches of steps ``start`` to ``stop - 1``."""
        parameters = self._recipe.parameters
        batches = self._source.training_batches(
            range(start, stop),
            parameters.global_batch_size,
            self._recipe.augmentation,
            parameters.seed,
            self._strategy.num_replicas_in_sync,
        )
        return _distribute(batches, self._strategy)

    def evaluation(self, split: str = TEST) -> Iterable:
        """Return the batches of the test or the validation images."""
        size = self._recipe.parameters.global_batch_size
        standardize = self._recipe.augmentation.standardize
        return evaluation_batches(self._source, split, size, standardize, self._strategy)


def evaluation_batches(
    source: Source,
    split: str,
    batch_size: int,
    standardize: bool,
    strategy: tf.distribute.Strategy,
) -> Iterable:
    """Return the distributed batches of all images of a split, in order.

    Args:
        source: The data set.
        split: "test", "train" or, if images were held out, "validation".
        batch_size: Images per batch on all replicas; the last batch is padded with label -1.
        standardize: Whether training images are standardized.
        strategy: The strategy whose replicas share each batch.
    """
    replicas = strategy.num_replicas_in_sync
    return _distribute(
        source.evaluation_batches(split, batch_size, standardize, replicas), strategy
    )


def _distribute(batches: tf.data.Dataset, strategy: tf.distribute.Strategy) -> Iterable:
    # The tuning thread of an iterator sleeps for up to a minute, and the iterator's end waits for
    # it, so a job would hang after its last step. Without it, parallelism is the number of cores.
    options = tf.data.Options()
    options.autotune.enabled = False
    untuned = batches.with_options(options)
    return strategy.distribute_datasets_from_function(lambda _: untuned)

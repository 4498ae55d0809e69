"""The batches of a job, distributed over its devices."""

from collections.abc import Iterable, Iterator

import tensorflow as tf

from nac.config.splits import TEST, VALIDATION
from nac.config.values import Recipe
from nac.data.source import Source
from nac.training.strategies import uses_gpu
from nac.training.workers import own_replicas
from nac.utils.errors import InputError

BATCHES_AHEAD = 2
"""Batches that are copied to a GPU before they are needed."""


class Batches:
    """Distributed batches of a job, for training from any step, calibration and evaluation.

    Args:
        source: The data set.
        recipe: Its batch size, augmentation and seed.
        strategy: The strategy whose replicas share each batch.

    Attributes:
        size: Images per batch on all replicas together.

    Raises:
        InputError: The replicas cannot share a batch equally.
    """

    def __init__(self, source: Source, recipe: Recipe, strategy: tf.distribute.Strategy):
        self._source, self._recipe, self._strategy = source, recipe, strategy
        self.size = size = recipe.parameters.global_batch_size
        replicas = strategy.num_replicas_in_sync
        if size % replicas:
            raise InputError(
                f"parameters.batch_size: expected a global batch that {replicas} devices"
                f" can share equally, received {size}"
            )

    def training(self, start: int, stop: int) -> Iterable:
        """Return the batches of steps ``start`` to ``stop - 1``."""
        return distributed(self._training(start, stop), self._strategy)

    def training_parts(self, start: int, stop: int) -> Iterator:
        """Return an iterator over the parts of the same batches, to be read by compiled steps."""
        return iter(parts(self._training(start, stop), self._strategy))

    def _training(self, start: int, stop: int) -> tf.data.Dataset:
        parameters = self._recipe.parameters
        return self._source.training_batches(
            range(start, stop),
            parameters.global_batch_size,
            self._recipe.augmentation,
            parameters.seed,
            self._strategy.num_replicas_in_sync,
            own_replicas(self._strategy),
        )

    def final_evaluation(self) -> int:
        """Return how many batches the evaluations at the end have together, about.

        A data set that is streamed does not know; it is taken to have a fifth of the training
        images.
        """
        parameters, size = self._recipe.parameters, self._recipe.parameters.global_batch_size
        scored = [VALIDATION] if parameters.validation_share else []
        scored += [TEST] if parameters.score_test else []
        scored += [scored[-1]] * (2 if self._recipe.scores_flipped else 0)
        counts = (
            int(self._source.evaluation_batches(split, size).cardinality()) for split in scored
        )
        unknown = self._source.train_examples // (5 * size)
        return sum(count if count >= 0 else unknown for count in counts)

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
    return distributed(
        source.evaluation_batches(split, batch_size, standardize, replicas, own_replicas(strategy)),
        strategy,
    )


def distributed(batches: tf.data.Dataset, strategy: tf.distribute.Strategy) -> Iterable:
    """Return the batches on the devices of a strategy.

    Args:
        batches: The parts of each batch for all replicas of this worker, one after the other.
        strategy: The strategy.
    """
    read = parts(batches, strategy)
    return read if strategy.num_replicas_in_sync == 1 else _PerReplica(read, strategy)


def parts(batches: tf.data.Dataset, strategy: tf.distribute.Strategy) -> tf.data.Dataset:
    """Return the parts of batches, of which each replica of this worker in turn takes one.

    A single GPU has each a step ahead of its use.

    This does not use the strategy's own iterators. They have a thread that tunes the reading on
    the device, which no option turns off. It sleeps for up to a minute, and the end of an iterator
    waits for it, so a job would stand still after its last step. Without tuning, parallelism is
    the number of cores.
    """
    options = tf.data.Options()
    options.autotune.enabled = False
    untuned = batches.with_options(options)
    if strategy.num_replicas_in_sync > 1 or not uses_gpu(strategy):
        return untuned
    (device,) = strategy.extended.worker_devices
    with tf.device(device):
        ahead = untuned.apply(tf.data.experimental.prefetch_to_device(device, BATCHES_AHEAD))
        return ahead.with_options(options)  # which the copy to the device does not inherit


class _PerReplica:
    """Elements of a data set, dealt out to the replicas of this worker in turn."""

    def __init__(self, elements: tf.data.Dataset, strategy: tf.distribute.Strategy):
        self._elements, self._strategy = elements, strategy

    def __iter__(self) -> Iterator:
        elements = iter(self._elements)
        devices = self._strategy.extended.worker_devices

        def next_element(context):
            # Steps run while Python is ahead of them, so the copies take no time of theirs.
            number = context.replica_id_in_sync_group % len(devices)
            with tf.device(devices[number]):
                return tuple(tf.identity(part) for part in next(elements))

        while True:
            try:
                yield self._strategy.experimental_distribute_values_from_function(next_element)
            except StopIteration:
                return

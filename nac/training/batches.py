"""The batches of a job, distributed over its devices."""

from collections.abc import Iterable

import tensorflow as tf

from nac.config.values import Recipe
from nac.data.pipeline import evaluation_batches, training_batches
from nac.data.splits import Images
from nac.errors import InputError


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

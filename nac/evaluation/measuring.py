"""A network over all images of a split."""

import time
from collections.abc import Iterable
from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf

from nac.config import Recipe
from nac.config.splits import TEST
from nac.data.splits import Images, Source
from nac.evaluation.counting import Tally
from nac.training.batches import Batches
from nac.utils.errors import InputError, NacError


def split_batches(
    source: Source, split: str, recipe: Recipe, batch_size: int, strategy: tf.distribute.Strategy
) -> Iterable:
    """Return the batches of a split in order, prepared as in evaluations of training.

    Args:
        source: the data set.
        split: "test", "train" or "validation".
        recipe: only ``augmentation.standardize`` matters.
        batch_size: images per batch; the last one is filled up with label -1.
        strategy: one device.

    Raises:
        InputError: the training images of a data set that is not in memory.
    """
    parameters = replace(recipe.parameters, batch_size=batch_size, gpus=())
    if split == "train":
        if not isinstance(source, Images):
            raise InputError("--split: expected 'test' for a data set that is streamed")
        source = replace(source, test_images=source.train_images, test_labels=source.train_labels)
        split = TEST
    return Batches(source, replace(recipe, parameters=parameters), strategy).evaluation(split)


def measure(model: keras.Model, batches: Iterable, batch_size: int) -> tuple[Tally, float]:
    """Let the network answer for all images; return the counts and the seconds it took.

    Compilation is no part of the seconds.

    Args:
        model: images to logits.
        batches: (images, labels), all of one size; labels of -1 count for nothing.
        batch_size: that size.

    Raises:
        NacError: the network's outputs are not finite.
    """
    predict = tf.function(lambda images: model(images, training=False))
    predict(tf.zeros((batch_size, *model.input_shape[1:])))
    tally = Tally(model.output_shape[-1])
    started = time.monotonic()
    for images, labels in batches:
        known = labels.numpy() >= 0
        logits = predict(images).numpy()[known]
        if not np.isfinite(logits).all():
            raise NacError("the network's outputs are not finite; expected finite logits")
        tally.add(labels.numpy()[known], logits)
    return tally, time.monotonic() - started

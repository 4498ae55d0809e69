"""Trained networks: the one that a job left behind, and its answers for all images of a split."""

import time
from collections.abc import Iterable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from nac.config import Experiment
from nac.data.source import Source
from nac.evaluation.counting import Tally
from nac.models.classifier import PhotoClassifier
from nac.models.loading import load_network
from nac.runs.layout import CHECKPOINTS, FINAL, MODEL
from nac.training.batches import Batches
from nac.training.checkpoints import Checkpoints
from nac.training.evaluation import CALIBRATION_BATCHES, calibrate
from nac.training.saving import inference_model
from nac.training.untrained import make_steps
from nac.utils.errors import InputError, NacError


def job_network(
    experiment: Experiment, directory: Path, source: Source, strategy: tf.distribute.Strategy
) -> tuple[keras.Model, str]:
    """Return the network that a job has trained, and the path of its file.

    That is its ``model.keras``, which a run keeps one directory up for its final job, or else the
    newest checkpoint.

    Args:
        experiment: The job.
        directory: The job's directory.
        source: The job's data set.
        strategy: A strategy with one device.

    Raises:
        InputError: The job has neither.
    """
    path = saved_model(directory)
    if path is not None:
        return load_network(path), str(path)
    if not any((directory / CHECKPOINTS).glob("*.index")):
        raise InputError(
            f"{directory}: expected {MODEL} or a checkpoint, received neither"
            " (nac.train --keep_checkpoints keeps the checkpoints of finished jobs)"
        )
    return _restored(experiment, directory, source, strategy)


def saved_model(directory: Path) -> Path | None:
    """Return the path of the network that was saved for a job directory, or None."""
    directory = directory.resolve()
    parents = [directory, directory.parent] if directory.name == FINAL else [directory]
    return next((path / MODEL for path in parents if (path / MODEL).is_file()), None)


def _restored(
    experiment: Experiment, directory: Path, source: Source, strategy: tf.distribute.Strategy
) -> tuple[keras.Model, str]:
    """Return a checkpoint's network, prepared as training prepares it to be evaluated, and where.

    Raises:
        InputError: No checkpoint can be read.
    """
    steps = make_steps(experiment, source, strategy)
    checkpoints = Checkpoints(directory / CHECKPOINTS, steps, interval=0.0)
    step = checkpoints.restore()
    if not checkpoints.restored:
        raise InputError(checkpoints.notes[0].removeprefix("note: "))
    steps.average.assign()
    batches = Batches(source, experiment.recipe, strategy)
    calibrate(steps, batches.training(0, CALIBRATION_BATCHES))
    return inference_model(steps.model), str(checkpoints.path(step))


def logits_of_pixels(classifier: PhotoClassifier, shape: tuple[int, int, int]) -> keras.Model:
    """Return the part of a classifier from pixels, float32 from 0 to 255, to logits.

    Args:
        classifier: The classifier.
        shape: (height, width, channels) of the images.
    """
    pixels = keras.Input(shape, name="pixels")
    outputs = pixels
    for layer in classifier.layers[1:-1]:  # the first one is its input, the last one softmax
        outputs = layer(outputs)
    return keras.Model(pixels, outputs, name="classifier")


def measure(model: keras.Model, batches: Iterable, batch_size: int) -> tuple[Tally, float]:
    """Let a network answer for all images; return the counts and the seconds it took.

    The seconds do not include compilation.

    Args:
        model: A network from images to logits.
        batches: (images, labels) pairs of tensors. Images with label -1 are not counted.
        batch_size: Number of images in each batch.

    Raises:
        NacError: The network's outputs are not finite.
    """
    predict = tf.function(lambda images: model(images, training=False), autograph=False)
    predict(tf.zeros((batch_size, *model.input_shape[1:])))
    tally = Tally(model.output_shape[-1])
    started = time.monotonic()
    for images, labels in batches:
        counted = labels.numpy() >= 0
        logits = predict(images).numpy()[counted]
        if not np.isfinite(logits).all():
            raise NacError("the network's outputs are not finite; expected finite logits")
        tally.add(labels.numpy()[counted], logits)
    return tally, time.monotonic() - started

"""What is evaluated: a saved network, or a job's newest checkpoint as training evaluates it."""

from pathlib import Path

import keras
import tensorflow as tf

from nac.config import Experiment
from nac.data.splits import Source
from nac.models.loading import load_network
from nac.runs.layout import CHECKPOINTS, FINAL, MODEL
from nac.training.batches import Batches
from nac.training.checkpoints import Checkpoints
from nac.training.evaluation import CALIBRATION_BATCHES, calibrate
from nac.training.job import make_steps
from nac.training.loop import inference_model
from nac.utils.errors import InputError


def job_network(
    experiment: Experiment, directory: Path, images: Source, strategy: tf.distribute.Strategy
) -> tuple[keras.Model, str]:
    """Return the network that a job has trained, and where it is from.

    That is its ``model.keras``, which a run keeps one directory up for its final job, or else the
    newest checkpoint.

    Args:
        experiment: the job.
        directory: of the job.
        images: its data set.
        strategy: one device.

    Raises:
        InputError: the job has neither.
    """
    path = saved_model(directory)
    if path is not None:
        return load_network(path), str(path)
    newest = tf.train.latest_checkpoint(str(directory / CHECKPOINTS))
    if newest is None:
        raise InputError(
            f"{directory}: expected {MODEL} or a checkpoint, received neither"
            " (nac.train --keep_checkpoints keeps the checkpoints of finished jobs)"
        )
    return _restored(experiment, directory, images, strategy), newest


def saved_model(directory: Path) -> Path | None:
    """Return the saved network of a job directory, or None."""
    directory = directory.resolve()
    places = [directory, directory.parent] if directory.name == FINAL else [directory]
    return next((place / MODEL for place in places if (place / MODEL).is_file()), None)


def _restored(
    experiment: Experiment, directory: Path, images: Source, strategy: tf.distribute.Strategy
) -> keras.Model:
    """Return the checkpoint's network: averaged weights, batch norms calibrated for them."""
    steps = make_steps(experiment, images, strategy)
    Checkpoints(directory / CHECKPOINTS, steps, interval=0.0).restore()
    for variable, average in zip(steps.weights, steps.average.averages, strict=True):
        variable.assign(average)
    batches = Batches(images, experiment.recipe, strategy)
    calibrate(steps, batches.training(0, CALIBRATION_BATCHES))
    return inference_model(steps.model)

"""The worth of a branch: what its network loses without it, on the validation images."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from nac.config import Experiment
from nac.config.splits import VALIDATION
from nac.data.datasets import dataset_of
from nac.models.branches import Branch
from nac.models.cells import batch_normalizations
from nac.models.loading import check_fits, load_network
from nac.runs.layout import MODEL
from nac.training.batches import Batches, evaluation_batches
from nac.training.evaluation import CALIBRATION_BATCHES, Score, calibrate, score
from nac.training.measurements import network_branches
from nac.training.steps import Steps
from nac.training.strategies import set_determinism

SILENT = -1e9
"""A center of batch norm so far below zero that ReLU leaves exact zeros."""

BATCH_SIZE = 256
"""Images per batch of an evaluation; results do not depend on it."""


@dataclass(frozen=True)
class Worth:
    """Scores of a network with all of its branches, and without each of them.

    Attributes:
        images: Number of validation images.
        complete: Score of the complete network.
        without: (layer, branch) -> score of the network without that branch.
    """

    images: int
    complete: Score
    without: dict[tuple[int, str], Score]


def job_worth(
    job: Experiment,
    directory: Path,
    strategy: tf.distribute.Strategy,
    data_dir: str | None = None,
    recalibrate: bool = False,
) -> Worth:
    """Measure the worth of each branch of the network that a job has trained.

    Args:
        job: The job; it holds out validation images.
        directory: The job's directory, with ``model.keras``.
        strategy: A strategy of one device.
        data_dir: Directory of the data set, in place of the job's.
        recalibrate: Whether batch norms are re-estimated without the branch, as they would be
            after it was pruned.

    Raises:
        InputError: The model does not exist or does not fit the data set.
    """
    parameters = job.parameters
    source = dataset_of(job, data_dir)
    set_determinism("auto", parameters.seed, strategy)
    with strategy.scope():
        model = load_network(directory / MODEL)
        check_fits(model, str(directory / MODEL), source.image_shape, source.classes)
        steps = Steps(model, job.recipe.training, strategy, parameters.global_batch_size)
    standardize = job.recipe.augmentation.standardize
    validation = list(evaluation_batches(source, VALIDATION, BATCH_SIZE, standardize, strategy))
    training = None
    if recalibrate:
        training = list(Batches(source, job.recipe, strategy).training(0, CALIBRATION_BATCHES))
    return measure_worth(steps, validation, training)


def measure_worth(steps: Steps, validation: Sequence, training: Sequence | None = None) -> Worth:
    """Score a network as it is, and with each branch silenced in turn; it is left as it was.

    Args:
        steps: Steps of the network, whose batch norms are calibrated.
        validation: (images, labels) of each batch, labels of -1 for padding.
        training: Batches to re-estimate batch norms on, None to leave them as they are.
    """
    without = {}
    for index, branch in network_branches(steps.model):
        with moving_statistics_kept(steps.model), silenced(branch):
            if training is not None:
                calibrate(steps, training)
            without[index, branch.name] = score(validation, steps.evaluate)
    images = sum(int((labels.numpy() >= 0).sum()) for _, labels in validation)
    return Worth(images, score(validation, steps.evaluate), without)


@contextmanager
def silenced(branch: Branch) -> Iterator[None]:
    """Make the output of a branch zero for the duration of a ``with`` block."""
    with _kept([branch.normalization.beta]) as (beta,):
        beta.assign(np.full(beta.shape, SILENT))
        yield


@contextmanager
def moving_statistics_kept(model: keras.Model) -> Iterator[None]:
    """Restore the moving statistics of all batch norms after a ``with`` block."""
    layers = batch_normalizations(model)
    with _kept([v for layer in layers for v in (layer.moving_mean, layer.moving_variance)]):
        yield


@contextmanager
def _kept(variables: list[keras.Variable]) -> Iterator[list[keras.Variable]]:
    before = [variable.numpy() for variable in variables]
    try:
        yield variables
    finally:
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)

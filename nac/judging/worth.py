"""What a network loses without one of its branches, measured on the validation images."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from nac.architecture.keys import layer_name
from nac.architecture.network import Architecture
from nac.config import Experiment
from nac.config.splits import VALIDATION
from nac.data.datasets import dataset_of
from nac.models.cells import Branch, batch_normalizations
from nac.models.loading import check_fits, load_network
from nac.runs.layout import MODEL
from nac.training.batches import Batches
from nac.training.evaluation import CALIBRATION_BATCHES, Score, calibrate, score
from nac.training.steps import Steps
from nac.training.strategies import set_determinism

SILENT = -1e9
"""A center of batch norm so far below zero that ReLU leaves nothing."""

BATCH_SIZE = 256
"""Images per batch of an evaluation; results do not depend on it."""


@dataclass(frozen=True)
class Worth:
    """How the whole network does, and how without each of its branches.

    Attributes:
        images: number of validation images.
        whole: score of the whole network.
        without: (layer, branch) -> score of the network without it.
    """

    images: int
    whole: Score
    without: dict[tuple[int, str], Score]


def job_worth(
    job: Experiment,
    directory: Path,
    strategy: tf.distribute.Strategy,
    data_dir: str | None = None,
    recalibrate: bool = False,
) -> Worth:
    """Measure the network that a job has trained.

    Args:
        job: with a validation split.
        directory: of the job, with ``model.keras``.
        strategy: one device.
        data_dir: directory of the data set, in place of the job's.
        recalibrate: whether batch norms are re-estimated without the branch, as they would be
            after it was pruned.

    Raises:
        InputError: the model is not there or does not fit the data set.
    """
    parameters = job.parameters
    source = dataset_of(parameters, data_dir)
    set_determinism("auto", parameters.seed, strategy)
    with strategy.scope():
        model = load_network(directory / MODEL)
        check_fits(model, str(directory / MODEL), source.image_shape, source.classes)
        steps = Steps(model, job.recipe.training, strategy, parameters.global_batch_size)
    large = replace(job.recipe, parameters=replace(parameters, batch_size=BATCH_SIZE, gpus=()))
    validation = list(Batches(source, large, strategy).evaluation(VALIDATION))
    training = None
    if recalibrate:
        training = list(Batches(source, job.recipe, strategy).training(0, CALIBRATION_BATCHES))
    return measure_worth(job.architecture, steps, validation, training)


def measure_worth(
    architecture: Architecture, steps: Steps, validation: Sequence, training: Sequence | None = None
) -> Worth:
    """Score a network as it is, and with each branch silenced in turn; it is left as it was.

    Args:
        architecture: what the network was built from.
        steps: of the network, whose batch norms are calibrated.
        validation: (images, labels) of each batch, labels of -1 for padding.
        training: batches to re-estimate batch norms on, None to leave them as they are.
    """
    without = {}
    for index, layer in architecture.branch_layers():
        branches = steps.model.get_layer(layer_name(index)).branches
        for (name, _), branch in zip(layer.branches, branches, strict=True):
            with moving_statistics_kept(steps.model), silenced(branch):
                if training is not None:
                    calibrate(steps, training)
                without[index, name] = score(validation, steps.evaluate)
    images = sum(int((labels.numpy() >= 0).sum()) for _, labels in validation)
    return Worth(images, score(validation, steps.evaluate), without)


@contextmanager
def silenced(branch: Branch) -> Iterator[None]:
    """Let a branch put out zeros for the duration of a ``with`` block."""
    with _kept([branch.normalization.beta]) as (beta,):
        beta.assign(np.full(beta.shape, SILENT))
        yield


@contextmanager
def moving_statistics_kept(model: keras.Model) -> Iterator[None]:
    """Put the moving statistics of all batch norms back after a ``with`` block."""
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

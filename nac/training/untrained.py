"""The steps of a job's network before its training."""

import keras
import tensorflow as tf

from nac.config import Experiment
from nac.data.source import Source
from nac.models import build_model
from nac.runs.memory_saving import NOTHING_SAVED, MemorySaving
from nac.training.steps import Steps


def make_steps(
    experiment: Experiment,
    source: Source,
    strategy: tf.distribute.Strategy,
    jit_compile: bool = False,
    saving: MemorySaving = NOTHING_SAVED,
) -> Steps:
    """Return the steps of a job's network, untrained.

    Args:
        experiment: The job.
        source: Its data set.
        strategy: The strategy that it runs on.
        jit_compile: Whether XLA compiles the training step.
        saving: How steps save memory.
    """
    shape, classes = source.image_shape, source.classes
    return untrained_steps(experiment, shape, classes, strategy, jit_compile, saving)


def untrained_steps(
    experiment: Experiment,
    image_shape: tuple[int, int, int],
    classes: int | None,
    strategy: tf.distribute.Strategy,
    jit_compile: bool = False,
    saving: MemorySaving = NOTHING_SAVED,
) -> Steps:
    """Return the same for images that need not be there.

    Args:
        experiment: The job.
        image_shape: (height, width, channels) of an image.
        classes: Number of classes; None takes what the classifier says.
        strategy: The strategy that it runs on.
        jit_compile: Whether XLA compiles the training step.
        saving: How steps save memory.
    """
    parameters, training = experiment.parameters, experiment.recipe.training
    keras.config.set_dtype_policy(training.dtype_policy)
    with strategy.scope():
        model = build_model(
            experiment.architecture,
            image_shape,
            classes,
            collect_statistics=parameters.log_stats,
            branch_dropout=training.branch_dropout,
            seed=parameters.seed,
            branch_gates=parameters.branch_gates,
            batch_norm_scale=training.batch_norm_scale,
        )
        size = parameters.global_batch_size
        return Steps(model, training, strategy, size, jit_compile, experiment.source, saving)

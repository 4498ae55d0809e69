"""The number of threads with which TensorFlow computes on a CPU."""

import tensorflow as tf

from nac.config import Experiment
from nac.construction.step_time import MANY_VALUES, first_values
from nac.data.datasets import known_image_shape
from nac.utils.processes import available_cores


def use_fitting_threads(experiment: Experiment) -> None:
    """Let each core compute an operation of its own, if the operations of a job are small.

    Call it before any other use of TensorFlow. On GPUs it makes no difference. Where the size of
    images is not known before they are read, TensorFlow chooses.

    Args:
        experiment: A job.
    """
    values = first_featuremap(experiment)
    if values is not None and values <= MANY_VALUES:
        use_a_core_per_operation()


def use_a_core_per_operation() -> None:
    """Let each core compute an operation of its own."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(available_cores())


def first_featuremap(experiment: Experiment) -> int | None:
    """Return the values that the stem puts out per batch, None if their number is not known."""
    shape, architecture = known_image_shape(experiment), experiment.architecture
    if shape is None:
        return None
    return first_values(architecture, shape, experiment.parameters.global_batch_size)

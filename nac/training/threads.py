"""The number of threads with which TensorFlow computes on a CPU."""

import tensorflow as tf

from nac.architecture.fixed_cells import stem_channels, stem_stride
from nac.config import Experiment
from nac.data.datasets import known_image_shape
from nac.utils.processes import available_cores

SMALL = 300_000
"""Values of the first featuremap of a batch up to which an operation is faster on one thread.

To start and join threads takes longer than the work of an operation on less. Measured on two cores
by ``tools/benchmark``; see docs/performance.md.
"""


def use_fitting_threads(experiment: Experiment) -> None:
    """Let each core compute an operation of its own, if the operations of a job are small.

    Call it before any other use of TensorFlow. On GPUs it makes no difference. Where the size of
    images is not known before they are read, TensorFlow chooses.

    Args:
        experiment: A job.
    """
    values = first_featuremap(experiment)
    if values is not None and values <= SMALL:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(available_cores())


def first_featuremap(experiment: Experiment) -> int | None:
    """Return the number of values that the stem puts out per batch, None if that is not known."""
    shape, stem = known_image_shape(experiment), experiment.architecture.stem
    if shape is None:
        return None
    height, width = (-(-side // stem_stride(stem)) for side in shape[:2])
    return experiment.parameters.global_batch_size * height * width * stem_channels(stem)

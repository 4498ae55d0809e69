"""TensorFlow's optimizer of graphs (Grappler)."""

import tensorflow as tf

from nac.training.strategies import uses_gpu


def use_fitting_optimizer(strategy: tf.distribute.Strategy) -> None:
    """Switch the optimizer of graphs off on CPUs.

    It takes seconds per job to read and rewrite thousands of operations. On a CPU the steps of
    nac's networks then take as long as before. On GPUs it stays on, as it chooses the layout of
    convolutions there.

    Args:
        strategy: The strategy of the job.
    """
    if not uses_gpu(strategy):
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})

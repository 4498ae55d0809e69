"""The optimizer of graphs is off on CPUs only."""

import pytest
import tensorflow as tf

from nac.training.graphs import use_fitting_optimizer


@pytest.fixture(autouse=True)
def options():
    """Put the options of the optimizer back."""
    before = tf.config.optimizer.get_experimental_options()
    yield
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False, **before})


@pytest.mark.parametrize(("device", "off"), [("CPU:0", True), ("GPU:0", False)])
def test_it_is_off_on_cpus_only(device, off):
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})
    use_fitting_optimizer(tf.distribute.OneDeviceStrategy(device))
    options = tf.config.optimizer.get_experimental_options()
    assert options.get("disable_meta_optimizer", False) is off

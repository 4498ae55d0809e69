"""Batches on the devices of a strategy; those for several replicas are in test_two_replicas.py."""

import pytest
import tensorflow as tf

from nac.training.batches import Batches
from tests.data.examples import OFF, numbered, recipe


@pytest.mark.parametrize("ask", [lambda b: b.training(0, 1), lambda b: b.evaluation()])
def test_no_tuning_thread_has_to_be_waited_for(ask):
    strategy = tf.distribute.OneDeviceStrategy("CPU:0")
    batches = ask(Batches(numbered(4), recipe(2, OFF), strategy))
    assert batches.options().autotune.enabled is False

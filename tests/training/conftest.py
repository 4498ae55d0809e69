"""Fixtures of the training tests."""

import pytest
import tensorflow as tf

from tests.training.examples import Clock


@pytest.fixture
def eagerly():
    """Run tf.functions without compiling them, which is quicker for a call or two."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def clock(monkeypatch):
    """Return the clock that the modules of this room look at."""
    clock = Clock()
    for module in ("meter", "progress", "checkpoints", "loop"):
        monkeypatch.setattr(f"nac.training.{module}.time", clock.module())
    return clock

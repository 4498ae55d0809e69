"""Measured memory: peaks of blocks, several devices, platforms that do not count."""

import pytest
import tensorflow as tf

from nac.training import memory
from nac.training.calls import Calls
from nac.training.memory import SMALLEST_ON_CPU, PeakMemory, variables_bytes
from tests.training.examples import IMAGES, LABELS, make_steps, recipe


class Devices:
    """Stands in for TensorFlow's counters of the tensors on each device."""

    def __init__(self, **current):
        self.current, self.peak = current, dict(current)

    def use(self, name, size):
        self.peak[name] = max(self.peak[name], self.current[name] + size)

    def get_memory_info(self, name):
        return {"current": self.current[name], "peak": self.peak[name]}

    def reset_memory_stats(self, name):
        self.peak[name] = self.current[name]


@pytest.fixture
def devices(monkeypatch):
    """Return two devices, on which there are 100 and 200 bytes."""
    found = Devices(first=100, second=200)
    for name in ("get_memory_info", "reset_memory_stats"):
        monkeypatch.setattr(memory.tf.config.experimental, name, getattr(found, name))
    return found


def test_the_peak_is_that_of_the_block_and_of_the_variables(devices):
    devices.use("first", 1000)  # before the block
    peak = PeakMemory(["first"], variables=7)
    with peak.measured():
        devices.use("first", 30)
    assert peak.bytes == 7 + 30


def test_of_several_blocks_the_highest_peak_counts(devices):
    peak = PeakMemory(["first"])
    for size in (20, 50, 40):
        with peak.measured():
            devices.use("first", size)
    assert peak.bytes == 50


def test_the_first_of_several_blocks_does_not_count(devices):
    peak = PeakMemory(["first"])
    for size in (90, 20, 30):
        with peak.measured():
            devices.use("first", size)
    assert peak.bytes == 30


def test_of_several_devices_the_highest_peak_counts(devices):
    peak = PeakMemory(["first", "second"])
    with peak.measured():
        devices.use("first", 30)
        devices.use("second", 20)
    assert peak.bytes == 30


def test_nothing_is_known_before_the_first_block():
    assert PeakMemory(["CPU:0"]).bytes is None


def test_nothing_is_known_where_tensorflow_does_not_count(monkeypatch):
    def refuse(_):
        raise ValueError("Allocator stats not available for device 'CPU:0'")

    monkeypatch.setattr(memory.tf.config.experimental, "get_memory_info", refuse)
    peak = PeakMemory(["CPU:0"])
    with peak.measured():
        pass
    assert peak.bytes is None


def test_variables_are_those_of_network_optimizer_and_average():
    steps = make_steps(recipe(momentum=0.9))
    network, optimizer = (
        sum(variable.numpy().nbytes for variable in owner.variables)
        for owner in (steps.model, steps.optimizer)
    )
    weights = 4 * steps.model.count_params() - 4 * sum(
        variable.numpy().size for variable in steps.model.non_trainable_variables
    )
    # Beside them the weights as one vector, and the average.
    assert variables_bytes(steps) == network + optimizer + 2 * weights


def test_calls_of_training_steps_are_measured():
    calls = Calls(make_steps(), most=1)
    batches = iter(tf.data.Dataset.from_tensors((IMAGES, LABELS)))
    before = variables_bytes(calls.steps)
    calls.train(batches, [0.1], [0.5])
    # The tensors of this network are too small to be counted on a CPU, its variables are not.
    assert calls.memory.bytes in (None, before)
    assert before < SMALLEST_ON_CPU

"""What a training step takes where the times of blocks are known."""

from dataclasses import replace

import pytest

from nac.runs.step_estimate import StepEstimate, step_estimate
from tests.builders import layer
from tests.models.small_networks import small
from tests.runs.block_times import kept_in

NETWORK = small(layer("1x1"))


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Return an empty cache directory, which is that of the user for the test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_the_step_is_the_sum_of_its_layers():
    assert StepEstimate("a device", 32, {"stem": 1.5, "": 0.25}).ms == 1.75


def test_it_is_estimated_from_what_is_kept(cache):
    kept_in(cache)
    estimate = step_estimate(NETWORK, (4, 4, 3), 32)
    assert (estimate.device, estimate.batch_size) == ("a device", 32)
    # A convolution and its update, the same with batch norm, mean and dense layer with its update.
    assert estimate.layers == {"stem": 3.0, "layer01": 4.0, "classifier": 4.0, "": 1.0}


def test_without_anything_kept_there_is_no_estimate(cache):
    assert step_estimate(NETWORK, (4, 4, 3), 32) is None


def test_times_of_another_precision_do_not_count(cache):
    kept_in(cache)
    assert step_estimate(NETWORK, (4, 4, 3), 32, "mixed_bfloat16") is None


def test_there_is_no_estimate_of_a_micro_network(cache):
    kept_in(cache)
    assert step_estimate(replace(NETWORK, type="micro"), (4, 4, 3), 32) is None

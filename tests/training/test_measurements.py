"""What is read of a network's branches and gates."""

import pytest

from nac.models import build_model
from nac.training.measurements import read_statistics
from tests.builders import WIDENER, layer
from tests.models.small_networks import random_images, small

NETWORK = small(layer("1x1", "3x3"), WIDENER, layer("3x3", inputs=[1, 0]))


def measured(**options):
    model = build_model(NETWORK, (8, 8, 1), **options)
    model(random_images(4, 8, 8, 1), training=True)
    return model, read_statistics(NETWORK, model)


def test_each_branch_is_named_by_layer_and_branch():
    _, statistics = measured()
    assert list(statistics["featuremaps"]) == ["1/Branch1", "1/Branch2", "3/Branch1"]


def test_a_branch_has_the_result_of_its_own_metric():
    model, statistics = measured()
    second = model.get_layer("layer01").branches[1]
    assert statistics["featuremaps"]["1/Branch2"] == second.metric.result()
    assert statistics["featuremaps"]["1/Branch2"]["images"] == 4


def test_each_gate_is_named_by_source_and_destination():
    model = build_model(NETWORK, (8, 8, 1))
    for gate, value in zip(model.get_layer("layer03").skip.gates, (0.25, -2.0), strict=True):
        gate.assign(value)
    assert read_statistics(NETWORK, model)["gates"] == {"1-3": 0.25, "0-3": -2.0}


def test_gates_are_plain_numbers():
    _, statistics = measured()
    assert {type(gate) for gate in statistics["gates"].values()} == {float}


def test_without_metrics_there_are_gates_alone():
    _, statistics = measured(collect_statistics=False)
    assert statistics["featuremaps"] == {}
    assert list(statistics["gates"]) == ["1-3", "0-3"]


@pytest.mark.parametrize("inputs", [None, []])
def test_a_network_without_skips_has_no_gates(inputs):
    network = small(layer("1x1", inputs=inputs))
    assert read_statistics(network, build_model(network, (8, 8, 1)))["gates"] == {}

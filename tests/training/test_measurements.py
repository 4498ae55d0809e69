"""What is measured of a network's branches and gates."""

import numpy as np
import pytest

from nac.config.rankings import RANKINGS, random_strength
from nac.models import build_model
from nac.training.measurements import featuremaps, gates, network_branches, strengths
from tests.builders import WIDENER, layer
from tests.models.small_networks import random_images, small

NETWORK = small(layer("1x1", "3x3"), WIDENER, layer("3x3", inputs=[1, 0]))


def measured(**options):
    model = build_model(NETWORK, (8, 8, 1), **options)
    model(random_images(4, 8, 8, 1), training=True)
    return model


def entries(model):
    return featuremaps(model, seed=0)


def test_branches_come_by_layer_and_name():
    branches = network_branches(measured(collect_statistics=False))
    assert [(index, branch.name) for index, branch in branches] == [
        (1, "Branch1"),
        (1, "Branch2"),
        (3, "Branch1"),
    ]


def test_layers_come_by_their_index_and_not_by_their_name():
    network = small(*[layer("1x1")] * 101)
    branches = network_branches(build_model(network, (8, 8, 1)))
    assert [index for index, _ in branches] == list(range(1, 102))


def test_each_branch_is_named_by_layer_and_branch():
    assert list(entries(measured())) == ["1/Branch1", "1/Branch2", "3/Branch1"]


def test_a_branch_has_what_was_measured_of_it():
    model = measured()
    second = model.get_layer("layer01").featuremap_metrics.results()[1]
    entry = entries(model)["1/Branch2"]
    assert entry.items() >= second.items()
    assert entry["images"] == 4


def test_the_kernels_area_is_divided_out():
    for key, area in (("1/Branch1", 1), ("1/Branch2", 9)):
        entry = entries(measured())[key]
        assert entry["mean_square_by_kernel_area"] == entry["mean_square_before_norm"] / area


def test_a_branch_has_what_every_ranking_needs():
    for entry in entries(measured(branch_gates=True)).values():
        assert set(RANKINGS) - {"equal"} <= set(entry)


def test_without_branch_gates_all_rankings_but_theirs_are_there():
    entry = entries(measured())["1/Branch1"]
    assert set(RANKINGS) - set(entry) == {"branch_gate", "equal"}


def test_the_branch_gate_is_as_it_was_learned():
    model = measured(branch_gates=True)
    model.get_layer("layer01").branches[1].gate.assign(-0.25)
    assert entries(model)["1/Branch2"]["branch_gate"] == -0.25


def test_strengths_are_those_of_the_ranking():
    model = measured()
    for ranking in ("mean_square", "nonzero", "weight_norm", "random"):
        values = {key: entry[ranking] for key, entry in entries(model).items()}
        assert strengths(model, ranking, seed=0) == values


def test_the_strength_of_a_gate_is_its_size():
    model = measured(branch_gates=True)
    model.get_layer("layer01").branches[1].gate.assign(-0.25)
    assert strengths(model, "branch_gate", seed=0)["1/Branch2"] == 0.25


def test_branches_that_cannot_be_ranked_have_no_strength():
    assert strengths(measured(), "branch_gate", seed=0) == {}


def of_one_branch(block, *kernels):
    """Return what is measured of a branch of 4 channels, from 4, with constant kernels."""
    network = small(layer(block, outputs=4))
    model = build_model(network, (8, 8, 1))
    variables = model.get_layer("layer01").branches[0].convolution.trainable_variables
    for variable, value in zip(variables, kernels, strict=True):
        variable.assign(np.full(variable.shape, value))
    return featuremaps(model, seed=7)["1/Branch1"]


def test_the_norm_and_the_parameters_of_a_convolution():
    entry = of_one_branch("3x3", 0.5)
    assert entry["weight_norm"] == (9 * 4 * 4 * 0.25) ** 0.5
    assert entry["parameters"] == 9 * 4 * 4 + 4


def test_both_kernels_of_a_separable_convolution_count():
    entry = of_one_branch("5x5sep", 0.5, 2.0)
    assert entry["weight_norm"] == (25 * 4 * 0.25 + 4 * 4 * 4.0) ** 0.5
    assert entry["parameters"] == 25 * 4 + 4 * 4 + 4


def test_a_branch_gate_is_a_parameter_of_its_branch():
    gated, plain = (entries(measured(branch_gates=on))["1/Branch1"] for on in (True, False))
    assert gated["parameters"] == plain["parameters"] + 1


def test_random_numbers_are_those_of_the_seed():
    assert of_one_branch("1x1", 1.0)["random"] == random_strength(7, 1, "Branch1")


def test_each_gate_is_named_by_source_and_destination():
    model = build_model(NETWORK, (8, 8, 1))
    for gate, value in zip(model.get_layer("layer03").skip.gates, (0.25, -2.0), strict=True):
        gate.assign(value)
    assert gates(model) == {"1-3": 0.25, "0-3": -2.0}


def test_gates_are_plain_numbers():
    assert {type(gate) for gate in gates(measured()).values()} == {float}


def test_without_metrics_there_are_gates_alone():
    model = measured(collect_statistics=False)
    assert entries(model) == {}
    assert list(gates(model)) == ["1-3", "0-3"]


@pytest.mark.parametrize("inputs", [None, []])
def test_a_network_without_skips_has_no_gates(inputs):
    network = small(layer("1x1", inputs=inputs))
    assert gates(build_model(network, (8, 8, 1))) == {}

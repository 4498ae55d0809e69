"""The section ``inherit`` of a job."""

import pytest

from nac.config import experiment_to_dict
from nac.config.inheritance import Inheritance
from tests.builders import assert_says, input_error, layer, network
from tests.config.examples import ENVELOPENET, parsed

NETWORK = network(layer("3x3"))
SECTION = {"weights": "../000/weights.npz", "arch": NETWORK, "layers": [1, None]}


def test_the_section_says_which_weights_are_those_of_which_network():
    inherit = parsed(inherit=SECTION).inherit
    assert isinstance(inherit, Inheritance)
    assert (inherit.weights, inherit.layers) == ("../000/weights.npz", (1, None))
    assert inherit.arch.branches() == [(1, "Branch1")]


def test_it_is_written_as_it_was_read():
    assert experiment_to_dict(parsed(inherit=SECTION))["inherit"] == SECTION


def test_a_construction_inherits_only_if_it_is_told_to():
    assert not parsed(envelopenet=ENVELOPENET).envelopenet.inherit
    assert parsed(envelopenet={**ENVELOPENET, "inherit": True}).envelopenet.inherit


@pytest.mark.parametrize("layers", [[0], ["1"], [1.5], 1, [True]])
def test_layers_are_indices_or_null(layers):
    text = input_error(lambda: parsed(inherit={**SECTION, "layers": layers}))
    assert_says(text, "try.yaml: inherit.layers: expected a list of integers >= 1 or null")


def test_a_mistake_in_the_network_names_its_place():
    wrong = {**SECTION, "arch": network(layer("3y3"))}
    text = input_error(lambda: parsed(inherit=wrong))
    assert_says(text, "try.yaml: inherit.arch: layer 1: filters.Branch1", "unknown block '3y3'")

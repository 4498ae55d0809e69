"""Which branches networks are trained without, and these networks."""

from itertools import pairwise

import pytest

from nac.architecture.json_form import architecture_from_dict
from nac.construction.costs import count
from nac.construction.width import Limit
from nac.judging.retraining import drawn, networks_without, removable, without_branch
from tests.builders import (
    CLASSIFIER,
    WIDENER,
    architecture,
    assert_says,
    input_error,
    layer,
    network,
    policy,
    stem,
)

# Two layers in stage 1, one of which has a single branch, and one layer in stage 2.
LAYERS = [layer("1x1"), layer("1x1", "3x3"), WIDENER, layer("1x1", "3x3", outputs=16)]
NETWORK = architecture_from_dict(
    network(*LAYERS, init_cell=stem(8), classification_cell=CLASSIFIER)
)
STAGE_1 = [(2, "Branch1"), (2, "Branch2")]
STAGE_2 = [(4, "Branch1"), (4, "Branch2")]


def test_the_last_branch_of_a_layer_cannot_be_removed():
    assert removable(NETWORK) == [*STAGE_1, *STAGE_2]


class TestSample:
    WIDE = architecture(layer(*["3x3"] * 6), WIDENER, layer(*["3x3"] * 3))

    def numbers(self, count, settings=None):
        """Return how many branches of each of the two stages are in a sample."""
        layers = [index for index, _ in drawn(self.WIDE, settings or policy(1, 1), count)]
        return layers.count(1), layers.count(3)

    @pytest.mark.parametrize(
        ("count", "expected"), [(1, (1, 0)), (2, (1, 1)), (5, (3, 2)), (8, (5, 3)), (20, (6, 3))]
    )
    def test_stages_take_turns_until_they_are_exhausted(self, count, expected):
        assert self.numbers(count) == expected

    def test_a_larger_sample_contains_the_smaller_one(self):
        samples = [set(drawn(self.WIDE, policy(1, 1), count)) for count in range(1, 10)]
        assert all(small < large for small, large in pairwise(samples))

    def test_it_is_in_the_order_of_the_architecture(self):
        sample = drawn(self.WIDE, policy(1, 1), 7)
        assert sample == sorted(sample)

    def test_a_stage_that_construction_leaves_as_it_is_does_not_take_part(self):
        assert self.numbers(4, policy(1, 1, construction=(False, True))) == (0, 3)

    def test_neither_does_one_with_all_of_its_layers(self):
        assert self.numbers(4, policy(1, 1, max_layers_per_stage=(9, 1))) == (4, 0)


def test_without_a_branch_the_others_share_its_channels():
    without = without_branch(NETWORK, (4, "Branch1"), policy(2, 1))
    assert without.layer(4).branches == (("Branch2", "3x3"),)
    assert without.layer(4).channels == 16
    assert without.network[:3] == NETWORK.network[:3]


def test_with_a_budget_it_costs_as_much_as_the_complete_network():
    limit = Limit("parameters", lambda one: count(one, (8, 8, 1)).parameters, 10_000)
    without = without_branch(NETWORK, (4, "Branch2"), policy(2, 1), [limit])
    assert 9_700 <= limit.cost(without) <= 10_000
    assert without.layer(4).branches == (("Branch1", "1x1"),)


def test_there_is_a_network_without_each_branch():
    networks = networks_without(NETWORK, policy(2, 1))
    assert list(networks) == [*STAGE_1, *STAGE_2]
    assert networks[2, "Branch2"].branches() == [(1, "Branch1"), (2, "Branch1"), *STAGE_2]


def test_or_without_a_sample_of_them():
    assert len(networks_without(NETWORK, policy(2, 1), count=3)) == 3


def test_a_network_of_single_branches_is_refused():
    text = input_error(networks_without, architecture(layer("1x1")), policy(1))
    assert_says(text, "--retrain: expected", "received 8/1/1")


def test_a_sample_of_nothing_is_refused():
    settings = policy(2, 1, construction=(False, False))
    text = input_error(networks_without, NETWORK, settings, (), 2)
    assert_says(text, "--branches: expected", "received 8/2-1/2")

import numpy as np
import pytest

from nac.comparison.significance import Difference, difference, paired_differences, rank
from nac.utils.statistics import deviation


def test_deviation_is_the_samples():
    assert deviation([1.0, 2.0, 3.0]) == 1.0
    assert deviation([1.0]) is None


def test_differences_pair_equal_seeds():
    one, others = {0: 0.5, 1: 0.75}, [{1: 0.5, 0: 0.25}, {0: 0.5, 1: 0.5}]
    assert paired_differences(one, others).tolist() == [[0.25, 0.25], [0.0, 0.25]]


def test_a_missing_result_leaves_the_rest():
    table = paired_differences({0: 0.5, 1: 0.75}, [{0: 0.25}, {0: 0.5, 1: 0.5}])
    assert table[0, 0] == 0.25
    assert np.isnan(table[0, 1])
    assert table[1].tolist() == [0.0, 0.25]


def test_networks_and_seeds_without_any_result_do_not_count():
    assert paired_differences({0: 0.5, 1: 0.75}, [{}, {0: 0.25}]).tolist() == [[0.25]]


def test_no_common_seed_is_no_difference():
    assert difference("prior", {0: 0.5}, [{1: 0.5}]) is None


def test_one_seed_has_a_mean_and_no_interval():
    assert difference("prior", {0: 0.5}, [{0: 0.25}, {0: 0.75}]) == Difference(
        "prior", 0.0, None, None, 2, 1
    )


def test_equal_differences_have_an_interval_of_no_width():
    assert difference("prior", {0: 0.5, 1: 0.75}, [{0: 0.25, 1: 0.5}]) == Difference(
        "prior", 0.25, 0.25, 0.25, 1, 2
    )


def test_of_one_network_only_seeds_are_drawn():
    """Two seeds, differences 0 and 1: a quarter of the draws each takes one of them twice."""
    assert difference("prior", {0: 1.0, 1: 1.0}, [{0: 1.0, 1: 0.0}]) == Difference(
        "prior", 0.5, 0.0, 1.0, 1, 2
    )


def test_both_networks_and_seeds_are_drawn():
    """Differences 0, 0 and 0, 1: both networks' draws and both seeds' reach the corners."""
    found = difference("prior", {0: 1.0, 1: 1.0}, [{0: 1.0, 1: 1.0}, {0: 1.0, 1: 0.0}])
    assert found == Difference("prior", 0.25, 0.0, 1.0, 2, 2)


def test_an_interval_is_as_wide_as_theory_says():
    """One network, 400 seeds, differences 1 and -1 by turns: deviation of the mean 1 / 20."""
    one = {seed: 1.0 if seed % 2 else -1.0 for seed in range(400)}
    found = difference("random", one, [dict.fromkeys(one, 0.0)])
    assert (found.low, found.high) == pytest.approx((-1.96 / 20, 1.96 / 20), abs=0.005)


def test_networks_add_to_the_width():
    """Differences that depend on the network alone, 100 of them: deviation of the mean 1 / 10."""
    others = [{0: value, 1: value} for value in [1.0, -1.0] * 50]
    found = difference("prior", {0: 0.0, 1: 0.0}, others)
    assert (found.low, found.high) == pytest.approx((-0.196, 0.196), abs=0.01)


def test_the_interval_is_the_same_each_time():
    one, others = {0: 0.9, 1: 0.8, 2: 0.7}, [{0: 0.1, 1: 0.4, 2: 0.3}, {0: 0.5, 1: 0.1}]
    assert difference("random", one, others) == difference("random", one, others)


def test_missing_results_do_not_count_in_draws():
    found = difference("prior", {0: 0.75, 1: 0.75}, [{0: 0.5}, {0: 0.5, 1: 0.5}])
    assert found == Difference("prior", 0.25, 0.25, 0.25, 2, 2)


@pytest.mark.parametrize(
    ("others", "expected"), [([0.1, 0.2], 1), ([0.6, 0.2], 2), ([0.5, 0.5], 1), ([], 1)]
)
def test_the_best_has_rank_one_and_equals_share_the_better_place(others, expected):
    assert rank(0.5, others) == expected

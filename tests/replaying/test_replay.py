"""All rules averaged over seeds, and the references beside them."""

import pytest

from nac.replaying.replay import (
    BEST,
    EQUAL_SEARCH,
    EXACT,
    RANDOM_NETWORK,
    RANDOM_PRUNING,
    SEARCH,
    Row,
    replay,
)
from nac.replaying.rules import RULES
from nac.replaying.table import read_table
from tests.builders import input_error
from tests.replaying.tables import BENCHMARKS, MACRO, TINY


def rows(result, rule):
    return [row for row in result.rows if row.rule == rule]


@pytest.fixture(scope="module")
def tiny():
    return replay(TINY, 30, [0.0, 2.0], seeds=5)


@pytest.fixture(scope="module")
def macro():
    if not MACRO.is_file():
        pytest.skip(f"no {MACRO.name} in {BENCHMARKS} (NAC_BENCH_DIR names its directory)")
    return replay(read_table(MACRO), 55e6, [0.0], seeds=1)


def test_there_is_a_row_per_rule_and_noise_and_one_per_reference(tiny):
    noisy = [(name, noise) for name in (*RULES, SEARCH, EQUAL_SEARCH) for noise in (0.0, 2.0)]
    others = [(RANDOM_PRUNING, None), (RANDOM_NETWORK, None), (EXACT, 0.0), (BEST, None)]
    assert [(row.rule, row.noise) for row in tiny.rows] == noisy + others


def test_it_says_what_was_replayed(tiny):
    assert (tiny.table, tiny.networks, tiny.start, tiny.flops) == ("tiny.json", 9, "22", 30)
    assert (tiny.random_networks, tiny.seeds) == (3, 5)


def test_without_noise_all_seeds_arrive_at_the_same(tiny):
    assert rows(tiny, "rounds")[0] == Row("rounds", 0.0, 1.0, 4.0, 85.0, 0.0)


def test_random_networks_cost_92_to_100_percent_of_the_budget(tiny):
    # 02, 11 and 20 cost 30: 80, 85 and 75.
    assert rows(tiny, RANDOM_NETWORK) == [Row(RANDOM_NETWORK, None, None, 0, 80.0, 5.0)]


def test_exact_worth_is_rounds_without_noise(tiny):
    assert rows(tiny, EXACT) == [Row(EXACT, 0.0, 1.0, 4.0, 85.0, None)]


def test_the_best_network_is_the_best_within_the_budget(tiny):
    assert rows(tiny, BEST) == [Row(BEST, None, None, 0, 85.0, None)]


def test_equal_search_takes_as_many_readings_as_rounds_on_average():
    # One step, from 22 to 12 or 21, which are also the only networks that cost 40.
    result = replay(TINY, 40, [0.0], seeds=2)
    assert rows(result, "rounds")[0].readings == rows(result, EQUAL_SEARCH)[0].readings == 2


def test_the_same_input_gives_the_same_rows(tiny):
    assert replay(TINY, 30, [0.0, 2.0], seeds=5) == tiny


@pytest.mark.parametrize("flops", [9, 50, float("nan"), float("inf")])
def test_a_budget_that_pruning_cannot_meet_or_need_not_is_one_line(flops):
    assert input_error(replay, TINY, flops, [0.0], 1) == (
        "--flops: expected at least 10, the FLOPs of 00 in tiny.json, and less than 50, those of"
        f" 22, which is pruned; received {flops}"
    )


def test_a_budget_that_no_network_comes_close_to_is_one_line():
    assert input_error(replay, TINY, 35, [0.0], 1) == (
        "--flops: expected a budget of which some network in tiny.json takes 92% to 100%,"
        " received 35"
    )


@pytest.mark.parametrize(
    ("rule", "accuracy"),
    [
        ("rounds", 92.24),
        ("weakest", 92.31),
        ("once", 91.93),
        (RANDOM_NETWORK, 90.53),
        (BEST, 92.31),
    ],
)
def test_on_nas_bench_macro_exact_readings_lead_to(macro, rule, accuracy):
    assert rows(macro, rule)[0].accuracy == pytest.approx(accuracy, abs=0.005)

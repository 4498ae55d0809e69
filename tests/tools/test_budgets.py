"""The table of budgets: what was asked, and what networks cost."""

import re

from nac.config import Budget, load_experiment
from tests.experiments import ROOT
from tools.budgets import networks, row

EXPERIMENT = load_experiment(str(ROOT / "experiments" / "fashion_mnist" / "construct.yaml"))


def test_a_construction_has_its_prior_its_iterations_and_a_random_network():
    assert [str(network.notation) for network in networks(EXPERIMENT, (), seed=0)] == [
        "24/1-1-1/4",
        "24/1-2-2/4",
        "24/1-3-3/4",
        "24/1-3-3/4",
    ]


def test_another_seed_constructs_another_network():
    first, second = (list(networks(EXPERIMENT, (), seed))[2] for seed in (0, 1))
    assert first != second


def test_a_row_has_what_was_asked_and_what_it_became():
    unit, asked, cheapest, dearest, gap, count = row(EXPERIMENT, Budget(parameters=50_000), 1)
    assert (unit, asked, count) == ("parameters", "50,000", "4")
    costs = [int(value.replace(",", "")) for value in (cheapest, dearest)]
    assert 48_500 <= costs[0] <= costs[1] <= 50_000
    assert gap == f"{100 * (1 - costs[0] / 50_000):.2f}%"
    assert re.fullmatch(r"\d\.\d\d%", gap)

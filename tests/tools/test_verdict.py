"""The table and the figure of tools/verdict.py, from what constructions came to."""

import pytest

from nac.utils.files import read_structured
from tests.experiments import ROOT
from tools.ablation import variants_of
from tools.verdict_figure import verdict_figure
from tools.verdict_rows import Found, difference, table


def row(*accuracies, seconds=None):
    return {seed: Found(value, 1000, 2000, seconds) for seed, value in enumerate(accuracies)}


def test_differences_are_paired_by_seed():
    one, other = row(0.9, 0.8), {1: Found(0.7, 1, 1), 2: Found(0.1, 1, 1)}
    points, half = difference(one, other)
    assert points == pytest.approx(0.1)
    assert half is None  # one pair has no interval


def test_the_interval_is_that_of_students_t():
    """Differences 0, 1, 2: mean 1, deviation 1, three pairs; t of 2 degrees of freedom is 4.303."""
    points, half = difference(row(1.0, 2.0, 3.0), row(1.0, 1.0, 1.0))
    assert (points, half) == (pytest.approx(1.0), pytest.approx(4.303 / 3**0.5))


def test_the_first_row_is_compared_with_each_other_one():
    lines = table({"rounds": row(0.9, 0.92, seconds=60.0), "random networks": row(0.89, 0.9)})
    first, second = lines.splitlines()[2:]
    assert first == "| rounds | 1,000 | 2,000 | 60 s | 0.9100 | 0.0141 |  |"
    assert second.startswith("| random networks | 1,000 | 2,000 | - | 0.8950 | 0.0071 | +1.50 [")


def test_one_seed_has_neither_deviation_nor_interval():
    lines = table({"rounds": row(0.9), "paper": row(0.89)})
    assert lines.splitlines()[-1] == "| paper | 1,000 | 2,000 | - | 0.8900 | - | +1.00 |"


def test_the_figure_has_the_first_row_on_top_and_then_the_best():
    rows = {"rounds": row(0.8, 0.8), "paper": row(0.7, 0.6), "random": row(0.9, 0.8)}
    left, right = verdict_figure(rows, "A title").axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["rounds", "random", "paper"]
    assert [bar.get_xdata()[0] for bar in left.lines[1::2]] == pytest.approx([0.8, 0.85, 0.65])
    assert [mark[0].get_xdata()[0] for mark in right.containers] == pytest.approx([-5.0, 15.0])


@pytest.mark.parametrize(
    "path", sorted((ROOT / "tools").glob("verdict*.yaml")), ids=lambda x: x.name
)
def test_each_policy_says_whether_costs_count(path):
    """Otherwise the recipe of the experiment decides, and the paper's is not the paper's."""
    policies = read_structured(path)
    assert all("per_cost" in changes["envelopenet"] for changes in policies.values())


def test_the_papers_policy_does_not_ask_for_costs():
    experiment = ROOT / "experiments" / "fashion_mnist" / "verdict.yaml"
    policies = variants_of(str(experiment), str(ROOT / "tools" / "verdict.yaml"))
    (paper,) = (policy for policy in policies if policy.name == "paper")
    settings = paper.experiment.envelopenet
    assert (settings.policy, settings.ranking) == ("weakest", "mean_square")
    assert settings.per_cost is False

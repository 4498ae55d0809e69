"""Rankings against the worth of branches after retraining."""

from dataclasses import replace

from nac.judging.result import Agreement
from nac.judging.retrained_worth import between_seeds, judged_by_retraining
from tests.judging.judgements import BRANCH, training


def branch(name, silenced, mean_square):
    metrics = {"mean_square": mean_square}
    return replace(BRANCH, stage=1, branch=name, loss_increase=silenced, metrics=metrics)


def judged(*branches):
    return replace(training({}, ()), branches=branches)


SEEDS = {
    0: judged(
        branch("Branch1", 0.1, 3.0), branch("Branch2", 0.2, 2.0), branch("Branch3", 0.3, 1.0)
    ),
    1: judged(
        branch("Branch1", 0.3, 1.0), branch("Branch2", 0.2, 2.0), branch("Branch3", 0.1, 3.0)
    ),
}

# The means are 0, 1 and 2, in which order neither seed alone has the branches.
INCREASES = {
    (3, "Branch1"): {0: 1.0, 1: -1.0},
    (3, "Branch2"): {0: -3.0, 1: 5.0},
    (3, "Branch3"): {0: 4.0, 1: 0.0},
}


def test_a_ranking_of_each_training_is_compared_with_the_mean_over_seeds():
    found = judged_by_retraining(SEEDS, INCREASES)
    assert found[0].agreement["mean_square"] == Agreement((-1.0,), -1.0)
    assert found[1].agreement["mean_square"] == Agreement((1.0,), 1.0)


def test_so_is_the_loss_increase_without_training():
    found = judged_by_retraining(SEEDS, INCREASES)
    assert found[0].agreement["silenced"] == Agreement((1.0,), 1.0)
    assert found[1].agreement["silenced"] == Agreement((-1.0,), -1.0)


def test_each_training_has_the_increases_by_its_own_seed():
    found = judged_by_retraining(SEEDS, INCREASES)
    assert [one.retrained_increase for one in found[1].branches] == [-1.0, 5.0, 0.0]


def test_only_branches_without_which_a_network_was_trained_are_judged():
    found = judged_by_retraining(SEEDS, {(3, "Branch2"): INCREASES[3, "Branch2"]})
    assert [one.branch for one in found[0].branches] == ["Branch2"]


def priced(*parameters):
    """Return the taus of three branches that cost so much; their worths are 0, 1 and 2."""
    branches = [
        replace(one, metrics={**one.metrics, "parameters": count})
        for one, count in zip(SEEDS[0].branches, parameters, strict=True)
    ]
    found = judged_by_retraining({0: judged(*branches)}, INCREASES)
    return {name: taus.mean for name, taus in found[0].agreement.items()}


def test_readings_are_judged_for_their_cost_as_well():
    """Strengths 3, 2, 1 become 3 / 6, 2 / 2 and 1 / 1 of the mean; losses .1 / 6, .2 / 2, .3."""
    taus = priced(36, 4, 1)
    assert taus["mean_square"] == -1.0
    assert taus["mean_square for its cost"] == 2 / 6**0.5  # the last two are equal
    assert taus["silenced for its cost"] == 1.0


def test_costs_alone_are_judged_too():
    assert priced(36, 4, 1)["equal for its cost"] == 1.0
    assert priced(1, 4, 36)["equal for its cost"] == -1.0


def test_where_costs_are_not_known_nothing_is_judged_for_them():
    names = judged_by_retraining(SEEDS, INCREASES)[0].agreement
    assert not [name for name in names if "cost" in name]


def worths(*increases):
    return training({}, increases)


def test_each_pair_of_seeds_is_compared():
    seeds = [worths(0.1, 0.2, 0.3), worths(0.3, 0.2, 0.1), worths(0.1, 0.2, 0.2)]
    taus = [pair["retrained with another seed"].stages[1] for pair in between_seeds(seeds)]
    # The third seed has a tie, so 2 / sqrt(3 * 2) with the first.
    assert taus == [-1.0, 2 / 6**0.5, -2 / 6**0.5]


def test_one_seed_has_no_pair():
    assert between_seeds([worths(0.1, 0.2)]) == []


def test_silenced_branches_alone_have_no_pair():
    assert between_seeds([worths(None, None), worths(None, None)]) == []

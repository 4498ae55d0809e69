"""Rankings against the worth of branches without which a network was trained. Pure Python."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from statistics import fmean

from nac.config.rankings import DEFAULT, EQUAL
from nac.construction.value import values_for_cost, width_taken
from nac.judging.agreement import agreement, stagewise
from nac.judging.result import Agreement, JudgedBranch, JudgedTraining
from nac.judging.retraining import Key
from nac.runs.result import strength_of

SILENCED = "silenced"
"""The reading of a branch that is its loss increase without any training."""

OTHER_SEED = "retrained with another seed"
"""The reading of a branch that is its worth by another seed."""

FOR_COST = " for its cost"
"""End of the name of a reading that is weighed by what a branch costs (``per_cost``)."""

PRICED = (DEFAULT, "taylor", EQUAL)
"""Rankings that are also judged for their cost; by the last one costs alone decide."""

Increases = Mapping[Key, Mapping[int, float]]
"""Branch -> seed -> loss of the network trained without it, minus that of the complete network."""


def judged_by_retraining(
    trainings: Mapping[int, JudgedTraining], increases: Increases
) -> dict[int, JudgedTraining]:
    """Return what trainings say if a branch is worth its increase after retraining.

    The worth is the mean over seeds. Each training has strengths of its own.

    Args:
        trainings: Seed -> what that training of the complete network says.
        increases: The branches that are judged, in the order of the architecture.
    """
    worths = [fmean(by_seed.values()) for by_seed in increases.values()]
    judged = {}
    for seed, training in trainings.items():
        measured = {(branch.layer, branch.branch): branch for branch in training.branches}
        branches = tuple(
            replace(measured[key], retrained_increase=by_seed[seed])
            for key, by_seed in increases.items()
        )
        silenced = stagewise(branches, [branch.loss_increase for branch in branches], worths)
        found = {**agreement(branches, worths), SILENCED: silenced}
        priced = _for_cost(measured)
        found |= {
            name: stagewise(branches, [values[key] for key in increases], worths)
            for name, values in priced.items()
        }
        judged[seed] = replace(training, branches=branches, agreement=found)
    return judged


def _for_cost(branches: Mapping[Key, JudgedBranch]) -> dict[str, dict[Key, float]]:
    """Return readings of all branches of a network for their cost, where that is known."""
    if any("parameters" not in branch.metrics for branch in branches.values()):
        return {}
    parameters = {key: branch.metrics["parameters"] for key, branch in branches.items()}
    priced = {}
    for name in PRICED:
        strengths = {key: strength_of(branch.metrics, name) for key, branch in branches.items()}
        known = {key: strength for key, strength in strengths.items() if strength is not None}
        if len(known) == len(branches):
            priced[name + FOR_COST] = values_for_cost(known, parameters, lambda key: key[0])
    priced[SILENCED + FOR_COST] = {
        key: branch.loss_increase / width_taken(parameters[key]) for key, branch in branches.items()
    }
    return priced


def between_seeds(trainings: Sequence[JudgedTraining]) -> list[dict[str, Agreement]]:
    """Return how far the worths of single seeds agree, for each pair of seeds.

    Args:
        trainings: Trainings of one network with different seeds; of those that were not judged by
            retraining there are no pairs.
    """
    pairs = combinations([_with_worths(training) for training in trainings], 2)
    return [
        {OTHER_SEED: stagewise(branches, worths, others)}
        for (branches, worths), (_, others) in pairs
        if branches
    ]


def _with_worths(training: JudgedTraining) -> tuple[list[JudgedBranch], list[float]]:
    """Return the branches that a network was trained without, and their worth by this seed."""
    known = [
        (branch, branch.retrained_increase)
        for branch in training.branches
        if branch.retrained_increase is not None
    ]
    return [branch for branch, _ in known], [increase for _, increase in known]

"""How far each ranking agrees with the worth of branches. Pure Python."""

from collections.abc import Mapping, Sequence
from itertools import compress

from nac.config.rankings import EQUAL, RANKINGS
from nac.judging.result import Agreement, JudgedBranch, MeanAgreement
from nac.runs.result import strength_of
from nac.utils.statistics import deviation, kendall_tau, mean


def agreement(branches: Sequence[JudgedBranch], worths: Sequence[float]) -> dict[str, Agreement]:
    """Return ranking -> how far it agrees with the worth of branches.

    A ranking that some branch was not measured for is left out, and the one without an order.

    Args:
        branches: The branches of one training, of all stages.
        worths: What each of them is worth.
    """
    by_ranking = {}
    for name in (ranking for ranking in RANKINGS if ranking != EQUAL):
        strengths = [strength_of(branch.metrics, name) for branch in branches]
        known = [strength for strength in strengths if strength is not None]
        if len(known) == len(branches):
            by_ranking[name] = stagewise(branches, known, worths)
    return by_ranking


def stagewise(
    branches: Sequence[JudgedBranch], first: Sequence[float], second: Sequence[float]
) -> Agreement:
    """Return Kendall's tau-b of two lists of values of the same branches.

    Taus are per stage, as branches are pruned per stage, and each stage counts as much as the
    others.

    Args:
        branches: The branches; a stage without any has no tau.
        first: A value of each of them.
        second: Another one.
    """
    taus = []
    for stage in range(1, 1 + max(branch.stage for branch in branches)):
        inside = [branch.stage == stage for branch in branches]
        pair = [list(compress(values, inside)) for values in (first, second)]
        taus.append(kendall_tau(*pair))
    return Agreement(tuple(taus), _mean(taus))


def over_seeds(trainings: Sequence[Mapping[str, Agreement]]) -> dict[str, MeanAgreement]:
    """Return ranking -> its mean agreement over trainings.

    Args:
        trainings: :func:`agreement` of each training of one network.
    """
    summary = {}
    for name in trainings[0]:
        rows = [training[name] for training in trainings]
        means = [row.mean for row in rows if row.mean is not None]
        by_stage = zip(*(row.stages for row in rows), strict=True)
        summary[name] = MeanAgreement(tuple(map(_mean, by_stage)), _mean(means), deviation(means))
    return summary


def _mean(values: Sequence[float | None]) -> float | None:
    return mean([value for value in values if value is not None])

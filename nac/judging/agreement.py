"""How far each ranking agrees with the worth of branches. Pure Python."""

from collections.abc import Mapping, Sequence

from nac.config.rankings import RANKINGS
from nac.judging.result import Agreement, JudgedBranch, MeanAgreement
from nac.runs.result import strength_of
from nac.utils.statistics import deviation, kendall_tau, mean


def agreement(branches: Sequence[JudgedBranch]) -> dict[str, Agreement]:
    """Return ranking -> Kendall's tau-b between strength and loss increase.

    Taus are per stage, as branches are pruned per stage, and each stage counts as much as the
    others. A ranking that some branch was not measured for is left out.

    Args:
        branches: The branches of one training, of all stages.
    """
    stages = sorted({branch.stage for branch in branches})
    by_ranking = {}
    for name in RANKINGS:
        strengths = [strength_of(branch.metrics, name) for branch in branches]
        if None in strengths:
            continue
        pairs = list(zip(branches, strengths, strict=True))
        taus = [_tau([pair for pair in pairs if pair[0].stage == stage]) for stage in stages]
        by_ranking[name] = Agreement(tuple(taus), _mean(taus))
    return by_ranking


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


def _tau(pairs: Sequence[tuple[JudgedBranch, float]]) -> float | None:
    increases = [branch.loss_increase for branch, _ in pairs]
    return kendall_tau([strength for _, strength in pairs], increases)


def _mean(values: Sequence[float | None]) -> float | None:
    return mean([value for value in values if value is not None])

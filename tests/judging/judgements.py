"""Judgements written by hand."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from nac.judging.result import (
    Agreement,
    JudgedBranch,
    JudgedTraining,
    Judgement,
    MeanAgreement,
)

BRANCH = JudgedBranch(
    layer=3,
    branch="Branch1",
    block="3x3sep",
    stage=2,
    loss_increase=-0.25,
    accuracy_loss=-0.125,
    metrics={"mean_square": 0.5, "random": 0.25},
)


def training(agreement: dict[str, Agreement], increases: Sequence[float | None]) -> JudgedTraining:
    """Return a training with a branch for each increase after retraining, None for none."""
    branches = tuple(replace(BRANCH, retrained_increase=increase) for increase in increases)
    return JudgedTraining(1234, loss=2.25, accuracy=0.75, agreement=agreement, branches=branches)


def judgement(
    *trainings: dict[str, Agreement],
    mean: dict[str, MeanAgreement] | None = None,
    increases: Sequence[Sequence[float]] | None = None,
    **changes: Any,
) -> Judgement:
    """Return a judgement of two branches with seeds 0, 1, ...

    Args:
        *trainings: The agreement of each training.
        mean: The agreement over all of them.
        increases: For each training, the increase after retraining of each branch, if there is one.
        **changes: Other fields.
    """
    seeds = {
        seed: training(one, increases[seed] if increases else (None, None))
        for seed, one in enumerate(trainings)
    }
    values = {
        "run": "it",
        "iteration": 1,
        "notation": "8/1-1/2",
        "dataset": "digits",
        "validation_share": 0.25,
        "branch_gates": False,
        "recalibrate": False,
        "agreement": mean or {},
        "seeds": seeds,
    }
    return Judgement(**{**values, **changes})

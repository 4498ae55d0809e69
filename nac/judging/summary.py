"""Judgements of several iterations, seeds and data sets in one table."""

from collections.abc import Mapping, Sequence

from nac.config.rankings import RANKINGS
from nac.judging.report import tau_cell
from nac.judging.result import Agreement, Judgement
from nac.judging.retrained_worth import OTHER_SEED, SILENCED, between_seeds
from nac.utils.statistics import deviation, mean
from nac.utils.tables import table

Training = Mapping[str, Agreement]
"""Ranking -> its agreement in one training."""


SILENCING = "the loss increase without a branch"
RETRAINING = "the loss increase of a network trained without a branch"


def summary_text(judgements: Sequence[Judgement]) -> str:
    """Return the agreement of each ranking over all trainings as a table, best first.

    Judgements by silencing and those by retraining have a table each.

    A column per data set and stage is the mean over its trainings. Mean and deviation are those of
    the trainings' own means over stages. A training without a ranking does not count for it.
    """
    silencing = [judgement for judgement in judgements if judgement.retrained_of is None]
    retraining = [judgement for judgement in judgements if judgement.retrained_of is not None]
    kinds = [(SILENCING, silencing), (RETRAINING, retraining)]
    return "\n\n".join(_table(worth, group) for worth, group in kinds if group)


def _table(worth: str, judgements: Sequence[Judgement]) -> str:
    by_dataset: dict[str, list[Training]] = {}
    for judgement in judgements:
        by_dataset.setdefault(judgement.dataset, []).extend(_trainings(judgement))
    all_trainings = [training for trainings in by_dataset.values() for training in trainings]
    means = {
        name: _known([training[name].mean for training in all_trainings if name in training])
        for name in (*RANKINGS, SILENCED, OTHER_SEED)
    }
    columns = [(dataset, stage) for dataset in by_dataset for stage in _stages(by_dataset[dataset])]
    header = ["ranking", *(f"{dataset} {stage + 1}" for dataset, stage in columns)]
    rows = [
        [
            name,
            *(
                tau_cell(mean(_taus(by_dataset[dataset], name, stage)))
                for dataset, stage in columns
            ),
            tau_cell(mean(means[name])),
            tau_cell(deviation(means[name])),
        ]
        for name in sorted(filter(means.get, means), key=lambda name: -mean(means[name]))
    ]
    count = sum(len(judgement.seeds) for judgement in judgements)
    heading = (
        f"Kendall's tau of each ranking with {worth}, by data set and"
        f" stage: {len(judgements)} judgements, {count} trainings"
    )
    return f"{heading}\n\n{table([*header, 'mean', 'deviation'], rows)}"


def _trainings(judgement: Judgement) -> list[Training]:
    """Return what each training says, and what each pair of seeds does."""
    trainings = list(judgement.seeds.values())
    return [*(training.agreement for training in trainings), *between_seeds(trainings)]


def _stages(trainings: Sequence[Training]) -> range:
    rows = [row for training in trainings for row in training.values()]
    return range(max((len(row.stages) for row in rows), default=0))


def _taus(trainings: Sequence[Training], name: str, stage: int) -> list[float]:
    rows = [training[name].stages for training in trainings if name in training]
    return _known([stages[stage] for stages in rows if stage < len(stages)])


def _known(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]

"""Judgements of several iterations, seeds and data sets in one table."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nac.config.rankings import RANKINGS
from nac.judging.report import tau_cell
from nac.runs.layout import JUDGE, JUDGEMENT
from nac.utils.errors import InputError
from nac.utils.files import read_json
from nac.utils.statistics import deviation, mean
from nac.utils.tables import table

Agreement = Mapping[str, Mapping[str, Any]]
"""Ranking -> its taus, see :func:`nac.judging.agreement.agreement`."""


def read_judgements(runs: Sequence[Path]) -> list[dict[str, Any]]:
    """Return all judgements of some runs.

    Raises:
        InputError: a run has none.
    """
    found = []
    for run in runs:
        paths = sorted((run / JUDGE).glob(f"*/{JUDGEMENT}"))
        if not paths:
            raise InputError(
                f"{run / JUDGE}: no {JUDGEMENT} there; expected what nac.judge --run={run} leaves"
            )
        found += map(read_json, paths)
    return found


def summary_text(judgements: Sequence[Mapping[str, Any]]) -> str:
    """Return the agreement of each ranking over all trainings as a table, best first.

    Per data set and stage it is the mean over its trainings; mean and deviation are those of the
    trainings' own means over stages. A ranking counts where it is known.

    Args:
        judgements: contents of ``judgement.json``.
    """
    by_dataset: dict[str, list[Agreement]] = {}
    for judgement in judgements:
        trainings = [one["agreement"] for one in judgement["seeds"].values()]
        by_dataset.setdefault(judgement["dataset"], []).extend(trainings)
    everything = [one for trainings in by_dataset.values() for one in trainings]
    overall = {
        name: _known([one.get(name, {}).get("mean") for one in everything]) for name in RANKINGS
    }
    names = sorted((name for name in overall if overall[name]), key=lambda n: -mean(overall[n]))
    columns = [(dataset, stage) for dataset in by_dataset for stage in _stages(by_dataset[dataset])]
    header = ["ranking", *(f"{dataset} {stage + 1}" for dataset, stage in columns)]
    rows = [
        [
            name,
            *(
                tau_cell(mean(_taus(by_dataset[dataset], name, stage)))
                for dataset, stage in columns
            ),
            tau_cell(mean(overall[name])),
            tau_cell(deviation(overall[name])),
        ]
        for name in names
    ]
    heading = (
        f"Kendall's tau of each ranking with the loss increase without a branch, by data set and"
        f" stage: {len(judgements)} judgements, {len(everything)} trainings"
    )
    return f"{heading}\n\n{table([*header, 'mean', 'deviation'], rows)}"


def _stages(trainings: Sequence[Agreement]) -> range:
    return range(max(len(row["stages"]) for one in trainings for row in one.values()))


def _taus(trainings: Sequence[Agreement], name: str, stage: int) -> list[float]:
    rows = [one[name]["stages"] for one in trainings if name in one]
    return _known([stages[stage] for stages in rows if stage < len(stages)])


def _known(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]

"""A job as one row of TensorBoard's HParams tab: what was trained, how, and what came of it.

TensorBoard finds columns and their ranges by itself in the rows of all jobs that it shows. A job
could only tell its own, and rows outside of them would be hidden. It takes for results all scalars
of the run that a row is in, and of those below it; so that run has no other scalars.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tensorboard.plugins.hparams.api_pb2 import STATUS_SUCCESS
from tensorboard.plugins.hparams.summary import session_end_pb
from tensorboard.plugins.hparams.summary_v2 import hparams_pb
from tensorboard.plugins.scalar.summary_v2 import scalar_pb

from nac.config import Experiment
from nac.config.values import CosineDecay

RESULTS = ("accuracy", "loss", "seconds")
"""Keys of ``statistics.json`` that are a job's results."""


def network_name(directory: Path) -> str:
    """Return which network a job trains, by the name of its directory.

    That of one seed of several, ``.../<network>/seed0``, is named after its parent.
    """
    directory = directory.resolve()
    is_seed = re.fullmatch(r"seed\d+", directory.name)
    return directory.parent.name if is_seed else directory.name


def row_title(directory: Path) -> str:
    """Return a title that differs for any two jobs, and begins with what tells them apart."""
    parent = directory.parent
    return f"{parent.name}/{directory.name} ({parent.parent})"


def hyperparameters(
    experiment: Experiment, description: Mapping[str, Any], network: str
) -> dict[str, Any]:
    """Return the columns of the row.

    Args:
        experiment: the job.
        description: see :func:`nac.models.description.describe`.
        network: see :func:`network_name`.
    """
    parameters, rate = experiment.parameters, experiment.recipe.training.lr
    return {
        "network": network,
        "notation": description["notation"],
        "parameters": description["trainable_params"],
        "flops": description["flops"],
        "skips": len(experiment.architecture.skip_connections()),
        "seed": parameters.seed,
        "steps": parameters.steps,
        "batch_size": parameters.global_batch_size,
        "learning_rate": rate.max if isinstance(rate, CosineDecay) else rate.initial,
        "dataset": parameters.dataset,
        "experiment": parameters.arch_name,
    }


def start_record(values: Mapping[str, Any], title: str):
    """Return the summary that opens a row.

    Args:
        values: see :func:`hyperparameters`.
        title: of the row; those of one title would be merged.
    """
    return hparams_pb(dict(values), trial_id=title)


def end_records(statistics: Mapping[str, Any]) -> list:
    """Return the summaries that close a row: its results.

    Args:
        statistics: the content of ``statistics.json``.
    """
    results = [scalar_pb(key, statistics[key]) for key in RESULTS]
    return [*results, session_end_pb(STATUS_SUCCESS)]

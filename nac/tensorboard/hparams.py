"""A job as one row of TensorBoard's HParams tab: what was trained, how, and with which result.

TensorBoard finds the columns and their ranges by itself in the rows of all jobs that it shows. A
job could declare its own ranges only, and rows outside of them would be hidden. TensorBoard takes
all scalars of the run that a row is in, and of the runs below it, for results. Therefore that run
has no other scalars.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tensorboard.plugins.hparams.api_pb2 import STATUS_SUCCESS
from tensorboard.plugins.hparams.summary import session_end_pb
from tensorboard.plugins.hparams.summary_v2 import hparams_pb
from tensorboard.plugins.scalar.summary_v2 import scalar_pb

from nac.config import Experiment
from nac.models.description import NetworkDescription
from nac.runs.result import JobResult


def row_title(directory: Path) -> str:
    """Return a title that is different for any two jobs; it begins with the difference."""
    parent = directory.parent
    return f"{parent.name}/{directory.name} ({parent.parent})"


def hyperparameters(
    experiment: Experiment, description: NetworkDescription, network: str
) -> dict[str, Any]:
    """Return the columns of the row.

    Args:
        experiment: The job.
        description: The network in numbers.
        network: Name of the network, see :func:`nac.runs.layout.network_name`.
    """
    parameters, rate = experiment.parameters, experiment.recipe.training.lr
    return {
        "network": network,
        "notation": description.notation,
        "parameters": description.trainable_params,
        "flops": description.flops,
        "skips": len(experiment.architecture.skip_connections()),
        "seed": parameters.seed,
        "steps": parameters.steps,
        "batch_size": parameters.global_batch_size,
        "learning_rate": rate.highest(parameters.global_batch_size),
        "dataset": parameters.dataset,
        "experiment": parameters.arch_name,
    }


def start_record(values: Mapping[str, Any], title: str):
    """Return the summary that opens a row.

    Args:
        values: The columns, see :func:`hyperparameters`.
        title: Title of the row; TensorBoard merges rows with the same title.
    """
    return hparams_pb(dict(values), trial_id=title)


def end_records(result: JobResult) -> list:
    """Return the summaries that close a row with its results."""
    values = {"accuracy": result.accuracy, "loss": result.loss, "seconds": result.seconds}
    scalars = [scalar_pb(key, value) for key, value in values.items()]
    return [*scalars, session_end_pb(STATUS_SUCCESS)]

"""A whole construction: prior, then per iteration one job and one restructuring."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nac.architecture.json_form import architecture_to_json, load_architecture
from nac.architecture.network import Architecture
from nac.config import Experiment, rankings, training_job
from nac.config.splits import search_recipe
from nac.construction.prior import prior
from nac.construction.restructure import Decisions, apply, decide
from nac.construction.statistics import parse_statistics
from nac.data.datasets import check_readable
from nac.runs.jobs import run_in_process
from nac.runs.layout import ARCHITECTURE, FINAL, MODEL, STATISTICS, iteration_directory
from nac.utils.errors import NacError
from nac.utils.files import write_atomically
from nac.utils.tables import table

NEEDED = (
    "envelopenet",
    "init_cell",
    "classification_cell",
    "child_training",
    "parameters.dataset",
    "parameters.steps",
    "parameters.batch_size",
    "parameters.iterations",
)


NO_MODEL = "--nosave_model"
"""Flag of jobs whose trained network nobody needs."""


@dataclass(frozen=True)
class Iteration:
    """One row of the closing table."""

    name: str
    notation: str
    statistics: dict[str, Any]
    pruned: str


def check_construction(experiment: Experiment, train_final: bool) -> None:
    """Raise NacError unless the experiment says all that a construction needs."""
    for name in NEEDED:
        experiment.need(name)
    if train_final:
        experiment.need("final_training")
    parameters = experiment.parameters
    check_readable(parameters.dataset)
    if parameters.mode == "train":
        raise NacError(
            f"{experiment.source}: parameters.mode: expected 'construct', received 'train'"
            " (nac.train trains a given architecture)"
        )
    if not parameters.log_stats:
        raise NacError(
            f"{experiment.source}: parameters.log_stats: expected true, received false"
            " (construction needs the featuremap metrics)"
        )
    if experiment.envelopenet.ranking == rankings.BRANCH_GATE and not parameters.branch_gates:
        raise NacError(
            f"{experiment.source}: parameters.branch_gates: expected true, received false"
            f" (envelopenet.ranking is {rankings.BRANCH_GATE})"
        )


def load_constructed(directory: Path, experiment: Experiment) -> Architecture:
    """Return the constructed network of a run, with the stem and classifier of its experiment."""
    architecture = load_architecture(str(directory / ARCHITECTURE))
    return architecture.with_cells(experiment.stem, experiment.classifier)


def construct(
    experiment: Experiment, directory: Path, train_final: bool, arguments: list[str]
) -> Architecture:
    """Construct a network in a run directory, going on where an earlier process stopped.

    Args:
        experiment: complete, see :func:`check_construction`.
        directory: of the run, locked by the caller.
        train_final: whether the constructed network is trained fully.
        arguments: further flags for the jobs.

    Returns:
        the constructed network.

    Raises:
        NacError: a job failed, or its statistics are unusable.
    """
    policy, count = experiment.envelopenet, experiment.parameters.iterations
    architecture = prior(policy, experiment.stem, experiment.classifier)
    rows = []
    for iteration in range(count):
        print(f"iteration {iteration} of {count}: {architecture.notation}", flush=True)
        job = training_job(experiment, architecture, search_recipe(experiment))
        place = iteration_directory(directory, iteration)
        result = run_in_process(job, place, [*arguments, NO_MODEL])
        source = str(place / STATISTICS)
        statistics = parse_statistics(result, architecture, source, policy.ranking)
        decisions = decide(architecture, statistics, policy)
        pruned = _pruned(architecture, decisions)
        rows.append(Iteration(str(iteration), str(architecture.notation), result, pruned))
        architecture = apply(architecture, decisions, policy)
    write_atomically(directory / ARCHITECTURE, architecture_to_json(architecture))
    if train_final:
        rows.append(_train_final(experiment, architecture, directory, arguments))
    print(_closing(rows, architecture, directory), flush=True)
    return architecture


def _train_final(
    experiment: Experiment, architecture: Architecture, directory: Path, arguments: list[str]
) -> Iteration:
    print(f"final training: {architecture.notation}", flush=True)
    job = training_job(experiment, architecture, experiment.final)
    result = run_in_process(job, directory / FINAL, arguments)
    model = directory / FINAL / MODEL
    if model.exists():
        model.replace(directory / MODEL)
    return Iteration(FINAL, str(architecture.notation), result, "-")


def _pruned(architecture: Architecture, decisions: Decisions) -> str:
    return f"{len(decisions.pruned)} branches, {decisions.pruned_skips(architecture)} skips"


def _closing(rows: list[Iteration], architecture: Architecture, directory: Path) -> str:
    header = ["iteration", "network", "parameters", "accuracy", "of", "seconds", "pruned after it"]
    cells = [
        [
            row.name,
            row.notation,
            f"{row.statistics['parameters']:,}",
            f"{row.statistics['accuracy']:.4f}",
            row.statistics["split"],
            f"{row.statistics['seconds']:.0f}",
            row.pruned,
        ]
        for row in rows
    ]
    lines = [
        "",
        table(header, cells),
        "",
        f"constructed: {architecture.notation}, in {directory / ARCHITECTURE}",
    ]
    if (directory / MODEL).exists():
        lines.append(f"trained model: {directory / MODEL}")
    lines.append(f"inspect: tensorboard --logdir={directory}")
    return "\n".join(lines)

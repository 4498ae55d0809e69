"""A whole construction: prior, then per iteration one job and one restructuring."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from nac.architecture.json_form import architecture_to_json, load_architecture
from nac.architecture.network import Architecture
from nac.config import Experiment, rankings, training_job
from nac.config.policies import ROUNDS, TOURNAMENT
from nac.config.splits import check_validation
from nac.construction.decisions import Decisions
from nac.construction.width import Limit
from nac.data.datasets import check_readable
from nac.runs.budget import stated
from nac.runs.iterations import Iterations
from nac.runs.jobs import JobRunner
from nac.runs.layout import (
    ARCHITECTURE,
    CLASSIFIER,
    DECODED,
    FINAL,
    MODEL,
    is_done,
)
from nac.runs.result import TITLES, JobResult
from nac.runs.timing import after, late
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


def check_construction(experiment: Experiment, train_final: bool) -> None:
    """Raise NacError unless the experiment has everything that a construction needs."""
    for name in NEEDED:
        experiment.need(name)
    if train_final:
        experiment.need("final_training")
    parameters = experiment.parameters
    dataset = experiment.need("parameters.dataset")
    check_readable(dataset, f"{experiment.source}: parameters.dataset")
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
    settings = experiment.need("envelopenet")
    proposals = settings.proposals if settings.policy == TOURNAMENT else ()
    if ROUNDS in (settings.policy, *proposals) or settings.min_gain is not None:
        check_validation(experiment)
    if rankings.BRANCH_GATE in (settings.ranking, *proposals) and not parameters.branch_gates:
        key = "ranking is" if settings.ranking == rankings.BRANCH_GATE else "proposals have"
        raise NacError(
            f"{experiment.source}: parameters.branch_gates: expected true, received false"
            f" (envelopenet.{key} {rankings.BRANCH_GATE})"
        )


def load_constructed(directory: Path, experiment: Experiment) -> Architecture:
    """Return the constructed network of a run, with the stem and classifier of its experiment."""
    architecture = load_architecture(str(directory / ARCHITECTURE))
    return architecture.with_cells(experiment.stem, experiment.classifier)


def construct(
    experiment: Experiment,
    directory: Path,
    train_final: bool,
    arguments: list[str],
    limits: Sequence[Limit] = (),
    environments: Sequence[Mapping[str, str]] = ({},),
    search_only: bool = False,
) -> Architecture:
    """Construct a network in a run directory, continuing where an earlier process stopped.

    Args:
        experiment: A complete experiment, see :func:`check_construction`.
        directory: The run directory, locked by the caller.
        train_final: Whether the constructed network is trained fully, now or by a later call.
        arguments: Further flags for the jobs.
        limits: What each network may cost, see :func:`nac.runs.budget.limits_of`.
        environments: Environment variables for each of the jobs that run side by side, where
            several networks are trained to choose one.
        search_only: Whether to leave the full training to a later call.

    Returns:
        The constructed network.

    Raises:
        NacError: A job failed, or its result is unusable.
    """
    iterations = Iterations(experiment, directory, limits, arguments, train_final)
    upcoming = iterations.upcoming()
    trains_now = train_final and not search_only
    if trains_now and not is_done(directory / FINAL):
        upcoming.append(arguments)
    with _runners(upcoming, directory, environments) as (runner, beside):
        network = iterations.run(runner, beside)
        write_atomically(directory / ARCHITECTURE, architecture_to_json(network))
        rows = [
            _row(str(number), result, step.decisions)
            for number, ((_, result), step) in enumerate(
                zip(iterations.done, iterations.steps, strict=True)
            )
        ]
        if trains_now:
            result = _train_final(runner, iterations, network)
            rows.append(_row(FINAL, result))
    print(_closing(rows, stated(network, limits), directory), flush=True)
    return network


@contextmanager
def _runners(
    upcoming: deque[Sequence[str]], directory: Path, environments: Sequence[Mapping[str, str]]
) -> Iterator[tuple[JobRunner, list[JobRunner]]]:
    """Yield the runner of the run's trainings, and those of trainings side by side."""
    with ExitStack() as stack:
        runner = stack.enter_context(JobRunner(upcoming, directory / DECODED))
        if len(environments) == 1:
            yield runner, [runner]
            return
        yield (
            runner,
            [
                stack.enter_context(
                    JobRunner(deque(), directory / DECODED, environment, quiet=True)
                )
                for environment in environments
            ],
        )


def _train_final(runner: JobRunner, iterations: Iterations, network: Architecture) -> JobResult:
    """Return the result of the full training of the constructed network."""
    print(f"final training: {network.notation}", flush=True)
    experiment, directory = iterations.experiment, iterations.directory
    lost = late(experiment, directory, iterations.count)
    results = [result for _, result in iterations.done]
    recipe = after(experiment.need("final_training"), results, lost)
    job = training_job(experiment, network, recipe)
    result = runner.run(job, directory / FINAL, iterations.arguments)
    for name in (MODEL, CLASSIFIER):
        if (directory / FINAL / name).exists():
            (directory / FINAL / name).replace(directory / name)
    return result


def _row(name: str, result: JobResult, decisions: Decisions | None = None) -> list[str]:
    """Return a job's row of the closing table."""
    pruned = decisions and f"{len(decisions.pruned)} branches, {decisions.pruned_skips} skips"
    return [*result.cells(name), pruned or "-"]


def _closing(rows: list[list[str]], constructed: str, directory: Path) -> str:
    lines = [
        "",
        table([*TITLES, "pruned after it"], rows),
        "",
        f"constructed: {constructed}, in {directory / ARCHITECTURE}",
    ]
    if (directory / MODEL).exists():
        lines.append(f"trained model: {directory / MODEL}")
    if (directory / CLASSIFIER).exists():
        lines.append(f"classifier of photos: {directory / CLASSIFIER}")
    lines.append(f"inspect: tensorboard --logdir={directory}")
    return "\n".join(lines)

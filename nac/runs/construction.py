"""A whole construction: prior, then per iteration one job and one restructuring."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nac.architecture.json_form import architecture_to_json, load_architecture
from nac.architecture.network import Architecture
from nac.config import EnvelopeNet, Experiment, Recipe, rankings, training_job
from nac.config.splits import search_recipe
from nac.construction.decisions import Decisions
from nac.construction.prior import prior
from nac.construction.restructure import apply, decide
from nac.construction.statistics import Statistics, parse_statistics
from nac.construction.time_plan import expected_steps, seconds_left
from nac.construction.width import Limit
from nac.data.datasets import check_readable
from nac.runs.budget import stated
from nac.runs.duration import job_seconds
from nac.runs.jobs import JobRunner
from nac.runs.layout import (
    ARCHITECTURE,
    DECODED,
    FINAL,
    MODEL,
    STATISTICS,
    is_done,
    iteration_directory,
)
from nac.runs.result import TITLES, JobResult
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
"""Flag of jobs whose trained network is not needed."""


@dataclass(frozen=True)
class Step:
    """What follows from an iteration's training.

    Attributes:
        measured: Strength of each branch by the ranking that decides, and each gate.
        decisions: What is pruned, kept and grown.
        network: The network of the next iteration.
    """

    measured: Statistics
    decisions: Decisions
    network: Architecture


def next_step(
    job: Path,
    architecture: Architecture,
    result: JobResult,
    settings: EnvelopeNet,
    limits: Sequence[Limit] = (),
) -> Step:
    """Return what follows from an iteration's training (paper, Algorithm 1).

    Args:
        job: Directory of the iteration's job, the beginning of error messages.
        architecture: The network that it trained.
        result: Its result.
        settings: The ``envelopenet`` section of the experiment.
        limits: What the next network may cost.

    Raises:
        InputError: See :func:`decisions_after`, or the next network exceeds its limits in any
            width.
    """
    measured, decisions = decisions_after(job, architecture, result, settings)
    return Step(measured, decisions, apply(architecture, decisions, settings, limits))


def decisions_after(
    job: Path, architecture: Architecture, result: JobResult, settings: EnvelopeNet
) -> tuple[Statistics, Decisions]:
    """Return what an iteration's training measured, and what is decided on it.

    Args:
        job: Directory of the iteration's job, the beginning of error messages.
        architecture: The network that it trained.
        result: Its result.
        settings: The ``envelopenet`` section of the experiment.

    Raises:
        InputError: The result lacks what the ranking needs, or does not fit the network.
    """
    value = {"featuremaps": result.featuremaps, "gates": result.gates}
    measured = parse_statistics(value, architecture, str(job / STATISTICS), settings.ranking)
    return measured, decide(architecture, measured, settings)


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
    ranking = experiment.need("envelopenet").ranking
    if ranking == rankings.BRANCH_GATE and not parameters.branch_gates:
        raise NacError(
            f"{experiment.source}: parameters.branch_gates: expected true, received false"
            f" (envelopenet.ranking is {rankings.BRANCH_GATE})"
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
) -> Architecture:
    """Construct a network in a run directory, continuing where an earlier process stopped.

    Args:
        experiment: A complete experiment, see :func:`check_construction`.
        directory: The run directory, locked by the caller.
        train_final: Whether the constructed network is trained fully.
        arguments: Further flags for the jobs.
        limits: What each network may cost, see :func:`nac.runs.budget.limits_of`.

    Returns:
        The constructed network.

    Raises:
        NacError: A job failed, or its result is unusable.
    """
    settings, count = experiment.need("envelopenet"), experiment.need("parameters.iterations")
    architecture = prior(settings, experiment.need("init_cell"), experiment.classifier, limits)
    search = search_recipe(experiment)
    # Seconds that the experiment itself names are left as they are.
    in_time = experiment.budget is not None and experiment.budget.minutes is not None
    planned = search.parameters.seconds if in_time else None
    upcoming = _upcoming(directory, count, train_final, arguments)
    rows: list[list[str]] = []
    results: list[JobResult] = []
    with JobRunner(upcoming, directory / DECODED) as runner:
        for iteration in range(count):
            print(f"iteration {iteration} of {count}: {stated(architecture, limits)}", flush=True)
            ends = iteration == count - 1 and not train_final
            recipe = after(search, results, _late(results, planned) if ends else 0.0)
            job = training_job(experiment, architecture, recipe)
            job_directory = iteration_directory(directory, iteration)
            result = runner.run(job, job_directory, [*arguments, NO_MODEL])
            results.append(result)
            step = next_step(job_directory, architecture, result, settings, limits)
            rows.append(_row(str(iteration), result, step.decisions))
            architecture = step.network
        write_atomically(directory / ARCHITECTURE, architecture_to_json(architecture))
        if train_final:
            late = _late(results, planned)
            recipe = after(experiment.need("final_training"), results, late)
            result = _train_final(runner, experiment, architecture, recipe, directory, arguments)
            rows.append(_row(FINAL, result))
    print(_closing(rows, stated(architecture, limits), directory), flush=True)
    return architecture


def after(recipe: Recipe, before: Sequence[JobResult], late: float = 0.0) -> Recipe:
    """Return the recipe of a training with the seconds and the steps that can be expected.

    Args:
        recipe: The recipe. One that does not limit the seconds is returned as it is.
        before: Results of the trainings before it. The newest is that of a network of about the
            same size.
        late: Seconds that this training has to make up for.
    """
    parameters = recipe.parameters
    if parameters.seconds is None or not before:
        return recipe
    seconds, speed = seconds_left(parameters.seconds, late), before[-1].images_per_second
    steps = parameters.steps
    if speed:
        steps = expected_steps(seconds, speed, parameters.global_batch_size)
    return replace(recipe, parameters=replace(parameters, seconds=seconds, steps=steps))


def _late(before: Sequence[JobResult], planned: float | None) -> float:
    """Return by how many seconds trainings took longer than planned for each of them."""
    return sum(job_seconds(result) - planned for result in before) if planned else 0.0


def _upcoming(
    directory: Path, iterations: int, train_final: bool, arguments: list[str]
) -> deque[Sequence[str]]:
    """Return the arguments of each job that is not done yet."""
    jobs = [iteration_directory(directory, number) for number in range(iterations)]
    upcoming = deque[Sequence[str]]([*arguments, NO_MODEL] for job in jobs if not is_done(job))
    if train_final and not is_done(directory / FINAL):
        upcoming.append(arguments)
    return upcoming


def _train_final(
    runner: JobRunner,
    experiment: Experiment,
    architecture: Architecture,
    recipe: Recipe,
    directory: Path,
    arguments: list[str],
) -> JobResult:
    print(f"final training: {architecture.notation}", flush=True)
    job = training_job(experiment, architecture, recipe)
    result = runner.run(job, directory / FINAL, arguments)
    model = directory / FINAL / MODEL
    if model.exists():
        model.replace(directory / MODEL)
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
    lines.append(f"inspect: tensorboard --logdir={directory}")
    return "\n".join(lines)

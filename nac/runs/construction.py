"""A whole construction: prior, then per iteration one job and one restructuring."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from nac.architecture.json_form import architecture_to_json, load_architecture
from nac.architecture.network import Architecture
from nac.config import Experiment, Recipe, rankings, training_job
from nac.config.policies import ROUNDS, TOURNAMENT
from nac.config.splits import check_validation, search_recipe
from nac.construction.decisions import Decisions
from nac.construction.prior import prior
from nac.construction.restructure import apply
from nac.construction.time_plan import expected_steps, iteration_seconds, seconds_left
from nac.construction.tournament import tournament_rungs
from nac.construction.width import Limit
from nac.data.datasets import check_readable
from nac.runs.budget import stated
from nac.runs.duration import job_seconds, search_results
from nac.runs.inheritance import SAVE_WEIGHTS, inheritance_of, inheriting, remove_weights
from nac.runs.jobs import JobRunner
from nac.runs.layout import (
    ARCHITECTURE,
    DECODED,
    FINAL,
    MODEL,
    is_done,
    iteration_directory,
)
from nac.runs.repetition import with_steps_taken
from nac.runs.restructuring import (
    Earlier,
    next_step,
    proposals_after,
    truncated_job,
)
from nac.runs.result import TITLES, JobResult
from nac.runs.tournament import choose
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
    if ROUNDS in (settings.policy, *proposals):
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
) -> Architecture:
    """Construct a network in a run directory, continuing where an earlier process stopped.

    Args:
        experiment: A complete experiment, see :func:`check_construction`.
        directory: The run directory, locked by the caller.
        train_final: Whether the constructed network is trained fully.
        arguments: Further flags for the jobs.
        limits: What each network may cost, see :func:`nac.runs.budget.limits_of`.
        environments: Environment variables for each of the jobs that run side by side, where
            several networks are trained to choose one.

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
    seconds = search.parameters.seconds if in_time else None
    planned = seconds and iteration_seconds(seconds, tournament_rungs(settings))
    rows: list[list[str]] = []
    done: list[Earlier] = []
    short = [*arguments, NO_MODEL, *([SAVE_WEIGHTS] if settings.inherit else [])]
    inherited = None
    upcoming = _upcoming(directory, count, train_final, short, arguments)
    with _runners(upcoming, directory, environments) as (runner, beside):
        for iteration in range(count):
            print(f"iteration {iteration} of {count}: {stated(architecture, limits)}", flush=True)
            ends = iteration == count - 1 and not train_final
            results = [result for _, result in done]
            recipe = after(search, results, _late(directory, iteration, planned) if ends else 0.0)
            place = iteration_directory(directory, iteration)
            job = inheriting(truncated_job(experiment, architecture, recipe), place, inherited)
            result = runner.run(job, place, short)
            remove_weights(place, inherited, arguments)
            proposals = proposals_after(place, architecture, result, settings, done)
            if len(proposals) > 1:
                children = {
                    name: apply(architecture, decisions, settings, limits)
                    for name, decisions in proposals.items()
                }
                whole = with_steps_taken(search, place, "an iteration that is done")
                choose(experiment, children, whole, place, beside, short)
            step = next_step(place, architecture, result, settings, limits, done)
            done.append((architecture, result))
            rows.append(_row(str(iteration), result, step.decisions))
            if settings.inherit:
                inherited = inheritance_of(place, architecture, step.decisions)
            architecture = step.network
        write_atomically(directory / ARCHITECTURE, architecture_to_json(architecture))
        if train_final:
            results = [result for _, result in done]
            late = _late(directory, count, planned)
            recipe = after(experiment.need("final_training"), results, late)
            result = _train_final(runner, experiment, architecture, recipe, directory, arguments)
            rows.append(_row(FINAL, result))
    print(_closing(rows, stated(architecture, limits), directory), flush=True)
    return architecture


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


def _late(directory: Path, iterations: int, planned: float | None) -> float:
    """Return by how many seconds iterations took longer than planned for each of them.

    Args:
        directory: The run directory.
        iterations: Number of the iterations.
        planned: Seconds of an iteration, None if they are not limited.
    """
    if not planned:
        return 0.0
    return sum(map(job_seconds, search_results(directory, iterations))) - planned * iterations


def _upcoming(
    directory: Path, iterations: int, train_final: bool, short: list[str], arguments: list[str]
) -> deque[Sequence[str]]:
    """Return the arguments of each job that is not done yet.

    Args:
        directory: The run directory.
        iterations: Number of iterations.
        train_final: Whether the constructed network is trained fully.
        short: Arguments of an iteration's job.
        arguments: Arguments of the full training.
    """
    jobs = [iteration_directory(directory, number) for number in range(iterations)]
    upcoming = deque[Sequence[str]](short for job in jobs if not is_done(job))
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

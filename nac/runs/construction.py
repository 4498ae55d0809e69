"""A whole construction: prior, then per iteration one job and one restructuring."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from nac.architecture.json_form import architecture_to_json, load_architecture
from nac.architecture.network import Architecture
from nac.config import Experiment, rankings, training_job
from nac.config.policies import ROUNDS, TOURNAMENT
from nac.config.splits import check_validation
from nac.construction.width import Limit
from nac.data.datasets import check_readable
from nac.display.display import Display
from nac.display.run_events import Line, Stage
from nac.runs.budget import stated
from nac.runs.closing import Row, closing_result, closing_text
from nac.runs.executors import Executor
from nac.runs.iterations import Iterations
from nac.runs.jobs import JobRunner, runners_of
from nac.runs.layout import (
    ARCHITECTURE,
    CLASSIFIER,
    DECODED,
    FINAL,
    MODEL,
    is_complete,
    is_done,
)
from nac.runs.result import JobResult
from nac.runs.stages import construction_plan
from nac.runs.timing import after, late
from nac.utils.errors import NacError, refused
from nac.utils.files import write_atomically

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


def _nothing() -> None:
    pass


def construct(
    experiment: Experiment,
    directory: Path,
    train_final: bool,
    arguments: list[str],
    limits: Sequence[Limit] = (),
    environments: Sequence[Mapping[str, str]] = ({},),
    search_only: bool = False,
    display: Display | None = None,
    write_report: Callable[[], str] | None = None,
    check: Callable[[], None] = _nothing,
    executor: Executor | None = None,
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
        display: Shows what is going on, by default nothing.
        write_report: Writes the report at the end and returns a line about that; None for no
            report.
        search_only: Whether to leave the full training to a later call.
        check: Raises NacError if the run directory is gone, or if the images are others than when
            the run began; called before each training.
        executor: Starts the processes of the jobs, by default on this machine.

    Returns:
        The constructed network.

    Raises:
        NacError: A job failed, or its result is unusable.
    """
    display, trains_now = display or Display(), train_final and not search_only
    if is_complete(directory, trains_now):  # its images need not be there any more
        check = _nothing
    display.show(construction_plan(experiment, directory, trains_now, len(environments)))
    iterations = Iterations(experiment, directory, limits, arguments, train_final, display, check)
    upcoming = iterations.upcoming()
    if trains_now and not is_done(directory / FINAL):
        upcoming.append(arguments)
    with _runners(upcoming, directory, environments, display, executor) as (runner, beside):
        network = iterations.run(runner, beside)
        check()
        write_atomically(directory / ARCHITECTURE, architecture_to_json(network))
        rows = [
            Row(str(number), result, step.decisions)
            for number, ((_, result), step) in enumerate(
                zip(iterations.done, iterations.steps, strict=True)
            )
        ]
        if trains_now:
            rows.append(Row(FINAL, _train_final(runner, iterations, network)))
    display.show(Line(closing_text(rows, stated(network, limits), directory)))
    if write_report:
        display.show(Line(write_report()))
    display.show(closing_result(rows, str(network.notation), directory))
    return network


@contextmanager
def _runners(
    upcoming: deque[Sequence[str]],
    directory: Path,
    environments: Sequence[Mapping[str, str]],
    display: Display,
    executor: Executor | None,
) -> Iterator[tuple[JobRunner, list[JobRunner]]]:
    """Yield the runner of the run's trainings, and those of trainings side by side."""
    decoded = directory / DECODED
    with JobRunner(upcoming, decoded, display=display, executor=executor) as runner:
        if len(environments) == 1:
            yield runner, [runner]
            return
        with runners_of(executor, environments, deque(), decoded, display) as beside:
            yield runner, beside


def _train_final(runner: JobRunner, iterations: Iterations, network: Architecture) -> JobResult:
    """Return the result of the full training of the constructed network."""
    iterations.display.show(Stage(FINAL, "final training", str(network.notation)))
    experiment, directory = iterations.experiment, iterations.directory
    lost = late(experiment, directory, iterations.count)
    results = [result for _, result in iterations.done]
    recipe = after(experiment.need("final_training"), results, lost)
    job = training_job(experiment, network, recipe)
    iterations.check()
    result = runner.run(job, directory / FINAL, iterations.arguments)
    for name in (MODEL, CLASSIFIER):
        if (directory / FINAL / name).exists():
            with refused("written", directory / name):
                (directory / FINAL / name).replace(directory / name)
    for name in (MODEL,) if result.files is None else result.files:
        if not (directory / name).is_file():
            raise NacError(
                f"{directory / name}: expected the trained network, received no such file, although"
                f" its training is done. To train it again, delete {directory / FINAL} and repeat"
                " the command"
            )
    return result

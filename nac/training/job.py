"""One job: an experiment with one architecture goes in, a result and a model come out.

All files are in one directory. The job is ``job.json``, a complete experiment file with an ``arch``
section. Its result is ``statistics.json``; that this file exists means that the job is done.
"""

from pathlib import Path
from typing import TextIO

from nac.config import Experiment
from nac.config.splits import check_validation
from nac.display.display import Display
from nac.display.job_events import Note
from nac.runs.result import JobResult
from nac.training.energy import EnergyMeter
from nac.training.evaluation import CALIBRATION_BATCHES
from nac.training.finishing import finish
from nac.training.loop import Loop, Outcome
from nac.training.machine import Machine
from nac.training.open_job import OpenJob, open_job
from nac.training.plan import Plan, TimedPlan, seconds_to_end
from nac.training.progress import Progress
from nac.utils.errors import LossError
from nac.utils.signals import StopRequest

NEEDED = (
    "parameters.dataset",
    "parameters.steps",
    "parameters.batch_size",
    "child_training",
    "arch",
)


def check_job(experiment: Experiment) -> None:
    """Raise InputError unless the experiment has everything that a job needs."""
    for name in NEEDED:
        experiment.need(name)
    experiment.architecture.need_cells(experiment.source)
    if experiment.pruning:
        check_validation(experiment)


def run_job(
    experiment: Experiment,
    directory: Path,
    machine: Machine,
    name: str,
    log: TextIO | None = None,
    display: Display | None = None,
    stop: StopRequest | None = None,
) -> JobResult | None:
    """Train one architecture and write its result; resume from a checkpoint if there is one.

    Of several workers, the chief alone writes a result.

    Args:
        experiment: An experiment with everything in :data:`NEEDED`.
        directory: The job's directory for checkpoints, event files and results.
        machine: Strategy and other settings that do not belong to the experiment.
        name: Name of the job in its reports.
        log: Open log file.
        display: Where progress is shown, by default nowhere.
        stop: Whether the process is asked to end, by default never.

    Returns:
        The result, None from workers that are not the chief.

    Raises:
        InputError: The experiment is incomplete or does not fit the data.
        JobError: The loss stopped being finite.
        Interrupted: The process was asked to end; a checkpoint is saved.
    """
    check_job(experiment)
    progress = Progress(name, experiment.parameters.steps, log, display)
    job = open_job(experiment, directory, machine, progress)
    with EnergyMeter() as meter:
        outcome = _trained(job, stop)
        # The energy of other machines is not known here.
        joules = None if job.start or not job.steps.workers.alone else meter.joules()
    result = finish(job, outcome, joules) if job.steps.workers.is_chief else None
    job.steps.workers.wait()  # A worker that ends early counts as lost.
    return result


def _trained(job: OpenJob, stop: StopRequest | None) -> Outcome:
    """Train; as long as there is a retry left, go back if the loss stops being finite."""
    start = job.start
    while True:
        try:
            return _loop(job, stop).run(start)
        except LossError as error:
            if job.retries is None:
                raise
            job.progress.show(Note(job.retries.go_back(error)))
            start = job.retries.done[-1].resumed_after
            job.board.restart_curves(start)


def _loop(job: OpenJob, stop: StopRequest | None) -> Loop:
    return Loop(
        job.calls,
        job.batches,
        job.recipe,
        _plan(job),
        job.source.train_examples,
        job.checkpoints,
        job.board.curves,
        job.progress,
        job.rounds,
        job.retries,
        stop,
    )


def _plan(job: OpenJob) -> Plan:
    """Return the number of steps of a job, as far as that is known when it begins or goes on."""
    parameters = job.recipe.parameters
    plan = Plan(parameters.steps)
    if parameters.seconds is not None:
        plan = TimedPlan(
            parameters.steps,
            seconds_to_end(parameters.seconds, job.clock.reading),
            CALIBRATION_BATCHES + job.batches.final_evaluation(),
            job.clock.elapsed,
        )
    saved = job.checkpoints
    plan.resume(int(saved.step.numpy()), float(saved.progress.numpy()))
    return plan

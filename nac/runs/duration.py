"""How long a run took, read from its results."""

from pathlib import Path

from nac.config import Experiment
from nac.construction.time_plan import BETWEEN, STARTING
from nac.runs.layout import FINAL, children_directories, is_done, iteration_directory
from nac.runs.result import JobResult, read_result


def run_seconds(run: Path, experiment: Experiment) -> float | None:
    """Return the seconds from the start of a run until its full training was done.

    It is the sum over its jobs, and what it takes to start the first one and to go on from one to
    the next. The time of a command that was interrupted counts as far as its jobs did.

    Args:
        run: The run directory.
        experiment: The experiment of the run.

    Returns:
        None unless all its jobs, with the full training, are done.
    """
    numbers = range(experiment.need("parameters.iterations"))
    jobs = [*(iteration_directory(run, number) for number in numbers), run / FINAL]
    if not all(map(is_done, jobs)):
        return None
    results = [*search_results(run, len(numbers)), read_result(run / FINAL)]
    return round(STARTING + BETWEEN * len(results) + sum(map(job_seconds, results)), 1)


def search_results(run: Path, count: int) -> list[JobResult]:
    """Return the results of all trainings of a construction, without the full one.

    Args:
        run: The run directory.
        count: Number of its iterations.
    """
    iterations = [iteration_directory(run, number) for number in range(count)]
    jobs = [job for place in iterations for job in (place, *children_directories(place))]
    return [read_result(job) for job in jobs if is_done(job)]


def job_seconds(result: JobResult) -> float:
    """Return how long a job took: of an old result, only the training itself."""
    return result.seconds if result.elapsed_seconds is None else result.elapsed_seconds

"""Random search as a baseline: the best of some random networks, in the seconds of a construction.

A construction has to beat this, and not only the average random network: whoever has the time for
its trainings can as well train random networks and take the best (Li and Talwalkar, UAI 2019).
"""

from pathlib import Path

from nac.architecture.network import Architecture
from nac.comparison.networks import RANDOM_SEARCH, Choice, Cost, random_candidate
from nac.config import Experiment, training_job
from nac.config.splits import search_recipe
from nac.construction.width import Limit
from nac.runs.duration import job_seconds, search_results
from nac.runs.layout import iteration_directory
from nac.runs.repetition import with_steps_taken
from nac.runs.result import JobResult, read_result
from nac.utils.errors import InputError


def candidate_count(run: Path, experiment: Experiment) -> int:
    """Return how many candidates can be trained in the seconds that a run took to construct.

    A candidate takes as long as the last truncated training, without what that measured to prune.

    Args:
        run: The run directory.
        experiment: The experiment of the run.
    """
    results = search_results(run, experiment.need("parameters.iterations"))
    last = read_result(_last_iteration(run, experiment))
    own = job_seconds(last) - (last.rounds_seconds or 0.0)
    return max(1, round(sum(map(job_seconds, results)) / own))


def candidates(
    run: Path,
    experiment: Experiment,
    constructed: Architecture,
    choice: Choice,
    limits: tuple[Limit, ...],
    costs: tuple[Cost, ...],
) -> list[Experiment]:
    """Return the job of each candidate: a truncated training, scored on validation images.

    Args:
        run: The run directory.
        experiment: The experiment of the run.
        constructed: The network that it constructed, to which candidates are equivalent.
        choice: The seed and the skip connections of random networks.
        limits: What each network may cost.
        costs: What they have to have as much of as the constructed network.

    Raises:
        InputError: No images are held out on which a candidate could be chosen.
    """
    if not experiment.parameters.validation_share:
        raise InputError(
            f"{experiment.source}: parameters.validation_share: expected more than 0 for"
            " --random_search, which chooses by held-out images, received 0"
        )
    last = _last_iteration(run, experiment)
    recipe = with_steps_taken(search_recipe(experiment), last, "an iteration that is done")
    return [
        training_job(
            experiment,
            random_candidate(
                experiment, constructed, choice, f"{RANDOM_SEARCH}/{number}", limits, costs
            ),
            recipe,
        )
        for number in range(candidate_count(run, experiment))
    ]


def best(results: dict[int, JobResult]) -> int:
    """Return the number of the candidate with the best validation accuracy, the first of equals.

    Args:
        results: Number of a candidate -> its result.
    """
    return max(sorted(results), key=lambda number: results[number].accuracy)


def _last_iteration(run: Path, experiment: Experiment) -> Path:
    return iteration_directory(run, experiment.need("parameters.iterations") - 1)

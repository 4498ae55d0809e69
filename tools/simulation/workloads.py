"""The runs that an experiment file stands for: which jobs, and which of them wait for which."""

from dataclasses import dataclass

from nac.config import Experiment
from nac.construction.tournament import tournament_rungs
from tools.simulation.cluster import Job, Run


@dataclass(frozen=True)
class Speed:
    """How fast a kind of job trains.

    Attributes:
        gpus: GPUs of a job.
        step: Seconds that a step takes on them.
    """

    gpus: int
    step: float

    def job(self, steps: int) -> Job:
        """Return a job of so many steps."""
        return Job(self.gpus, steps * self.step)


def construction(experiment: Experiment, training: Speed, child: Speed) -> Run:
    """Return a construction: truncated trainings, their tournaments, and the full training.

    Args:
        experiment: The experiment. Without the policy ``tournament``, there are no tournaments.
        training: Speed of the trainings that run one after the other.
        child: Speed of the trainings of a tournament, which run side by side.
    """
    steps: int = experiment.need("parameters.steps")
    children = [
        [child.job(max(1, round(share * steps)))] * networks
        for networks, share in tournament_rungs(experiment.need("envelopenet"))
    ]
    iterations = [[training.job(steps)], *children] * experiment.need("parameters.iterations")
    return [*iterations, [training.job(full_steps(experiment))]]


def comparison(experiment: Experiment, jobs: int, speed: Speed) -> Run:
    """Return a comparison: full trainings that do not depend on each other.

    Args:
        experiment: The experiment.
        jobs: Number of networks times number of seeds.
        speed: Speed of each training.
    """
    return [[speed.job(full_steps(experiment))] * jobs]


def full_steps(experiment: Experiment) -> int:
    """Return the steps of a full training.

    Raises:
        InputError: The experiment has no full training.
    """
    steps: int = experiment.need("final_training").parameters.steps
    return steps

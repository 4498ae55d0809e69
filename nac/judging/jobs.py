"""The trainings that a judge needs: an iteration's own, once more and with the model kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nac.config import Experiment, load_experiment
from nac.runs.layout import JOB, JUDGE, iteration_directory
from nac.utils.errors import InputError


@dataclass(frozen=True)
class Changes:
    """What is changed in an iteration's job before it is trained again.

    Attributes:
        seeds: one training for each; none means the iteration's own seed.
        validation_share: share of the training images that is held out, None for the job's own.
        branch_gates: whether branches have gates, None for what the job says.
    """

    seeds: Sequence[int] = ()
    validation_share: float | None = None
    branch_gates: bool | None = None


def judged_jobs(run: Path, iteration: int, changes: Changes) -> dict[int, Experiment]:
    """Return the jobs of a judgement by their seed; test images take no part in them.

    Raises:
        InputError: the run has no such iteration, or no images are held out for the judgement.
    """
    path = iteration_directory(run, iteration) / JOB
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected iteration {iteration} of a run")
    job = load_experiment(str(path))
    parameters = job.parameters
    share, gates = changes.validation_share, changes.branch_gates
    share = parameters.validation_share if share is None else share
    if not share:
        raise InputError(
            f"{path}: parameters.validation_share: expected more than 0 (branches are judged on"
            " held-out images), received 0; --validation_share=0.2 holds some out for the judge"
        )
    return {
        seed: _changed(
            job,
            seed=seed,
            validation_share=share,
            score_test=False,
            log_stats=True,
            branch_gates=parameters.branch_gates if gates is None else gates,
        )
        for seed in changes.seeds or [parameters.seed]
    }


def judge_directory(run: Path, iteration: int) -> Path:
    """Return where the judgement of an iteration lies."""
    return iteration_directory(run / JUDGE, iteration)


def _changed(job: Experiment, **values) -> Experiment:
    parameters = replace(job.parameters, **values)
    return replace(job, recipe=replace(job.recipe, parameters=parameters))

"""The trainings that a judge needs: that of an iteration once more, with the model kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nac.config import Experiment, load_experiment
from nac.runs.jobs import check_same
from nac.runs.layout import JOB, iteration_directory, judge_directory, seed_directory
from nac.runs.repetition import with_steps_taken
from nac.utils.errors import InputError, NacError


@dataclass(frozen=True)
class Changes:
    """Changes to the job of an iteration before it is trained again.

    Attributes:
        seeds: Seeds with one training each; empty for the iteration's own seed.
        validation_share: Share of the training images that is held out, None for the job's own.
        branch_gates: Whether branches have learnable gates, None for the job's own setting.
    """

    seeds: Sequence[int] = ()
    validation_share: float | None = None
    branch_gates: bool | None = None


def judged_jobs(run: Path, iteration: int, changes: Changes) -> dict[int, Experiment]:
    """Return the jobs of a judgement by their seed. They never see the test images.

    Raises:
        InputError: The run has no such iteration, no images are held out for the judgement, or it
            was begun with other settings.
    """
    path = iteration_directory(run, iteration) / JOB
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected iteration {iteration} of a run")
    job = load_experiment(str(path))
    recipe = with_steps_taken(job.recipe, path.parent, "an iteration that is done")
    job = replace(job, recipe=recipe)
    parameters = job.parameters
    share, gates = changes.validation_share, changes.branch_gates
    share = parameters.validation_share if share is None else share
    if not share:
        raise InputError(
            f"{path}: parameters.validation_share: expected more than 0 (branches are judged on"
            " held-out images), received 0; --validation_share=0.2 holds some out for the judge"
        )
    jobs = {
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
    for seed, changed in jobs.items():
        _check_same(changed, judge_directory(run, iteration), seed)
    return jobs


def _check_same(job: Experiment, directory: Path, seed: int) -> None:
    try:
        check_same(job, seed_directory(directory, seed))
    except NacError as error:
        raise InputError(
            f"{error}. Remove {directory} to judge anew, or use the flags that this judgement was"
            " begun with"
        ) from None


def _changed(job: Experiment, **values) -> Experiment:
    parameters = replace(job.parameters, **values)
    return replace(job, recipe=replace(job.recipe, parameters=parameters))

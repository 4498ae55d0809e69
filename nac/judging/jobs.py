"""The jobs of a judgement: that of an iteration once more, with other seeds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nac.config import Experiment, load_experiment
from nac.runs.layout import EXPERIMENT, JOB, iteration_directory
from nac.runs.repetition import with_steps_taken
from nac.utils.errors import InputError


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
        InputError: The run has no such iteration, or no images are held out for the judgement.
    """
    path = iteration_directory(run, iteration) / JOB
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected iteration {iteration} of a run")
    job = load_experiment(str(path))
    recipe = with_steps_taken(job.recipe, path.parent, "an iteration that is done")
    # A network that loses branches while it is trained says nothing about these, and inherited
    # weights would be the same for all seeds.
    job = replace(job, recipe=recipe, pruning=None, inherit=None)
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


def run_experiment(run: Path) -> Experiment:
    """Return the experiment of a run, which says how its networks are constructed.

    Raises:
        InputError: It is no run directory.
    """
    path = run / EXPERIMENT
    if not path.is_file():
        raise InputError(
            f"{path}: no such file; expected the run directory of a nac construct, as --retrain"
            " needs its envelopenet"
        )
    return load_experiment(str(path))


def _changed(job: Experiment, **values) -> Experiment:
    parameters = replace(job.parameters, **values)
    return replace(job, recipe=replace(job.recipe, parameters=parameters))

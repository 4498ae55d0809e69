"""From a training to the result that ``statistics.json`` holds."""

from dataclasses import replace

import keras
import tensorflow as tf

from nac.config.splits import TEST, VALIDATION
from nac.runs.result import JobResult
from nac.tensorboard.events import late_loss
from nac.training.loop import Outcome
from nac.training.measurements import featuremaps, gates
from nac.training.open_job import OpenJob
from nac.training.rounds import PruningRounds
from nac.training.strategies import describe_devices, strategy_name


def job_result(job: OpenJob, outcome: Outcome, joules: float | None) -> JobResult:
    """Return the result of a training.

    Args:
        job: The job.
        outcome: What came of its training.
        joules: Energy of the training, None where it is not known.
    """
    model, parameters = job.steps.model, job.experiment.parameters
    validation = outcome.validation
    result = JobResult(
        featuremaps=featuremaps(model, parameters.seed),
        gates=gates(model),
        split=TEST if parameters.score_test else VALIDATION,
        accuracy=outcome.score.accuracy,
        loss=outcome.score.loss,
        scored_images=outcome.score.images,
        validation_accuracy=validation.accuracy if validation else None,
        validation_loss=validation.loss if validation else None,
        flipped_accuracy=outcome.flipped.accuracy if outcome.flipped else None,
        training_loss=outcome.training_loss,
        late_training_loss=late_loss(job.directory, outcome.steps),
        steps=outcome.steps,
        notation=job.description.notation,
        parameters=job.description.trainable_params,
        flops=job.description.flops,
        seconds=round(outcome.seconds, 3),
        images_per_second=round(outcome.images_per_second, 1),
        input_wait=round(outcome.input_wait, 4),
        elapsed_seconds=round(job.clock.elapsed(), 3),
        energy_joules=joules,
        peak_memory_bytes=job.calls.memory.bytes,
        device=describe_devices(job.strategy),
        strategy=strategy_name(job.strategy),
        versions={"tensorflow": tf.__version__, "keras": keras.__version__},
    )
    if job.retries and job.retries.done:
        result = replace(result, retries=job.retries.done)
    return _with_rounds(result, job.rounds) if job.rounds else result


def _with_rounds(result: JobResult, rounds: PruningRounds) -> JobResult:
    """Return the result with what the rounds did, and what was measured before them."""
    measured = rounds.measured
    if measured is not None:
        result = replace(result, featuremaps=measured.featuremaps, gates=measured.gates)
    return replace(result, rounds=rounds.rounds, rounds_seconds=round(rounds.seconds, 3))

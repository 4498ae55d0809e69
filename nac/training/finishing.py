"""What a job leaves when it is trained: network, answers, result, pictures."""

import shutil
from dataclasses import replace

import tensorflow as tf

from nac.display.job_events import Note, Working
from nac.quality.file import Predictions, write_predictions
from nac.runs.layout import CHECKPOINTS, CLASSIFIER, MODEL, WEIGHTS
from nac.runs.result import JobResult, write_result
from nac.training.delivery import deliver
from nac.training.job_result import job_result
from nac.training.latency import measure_latency
from nac.training.loop import Outcome
from nac.training.open_job import OpenJob
from nac.training.predicted import predictions_of, show
from nac.training.saving import inference_model, write_model
from nac.training.weights_file import write_weights
from nac.utils.errors import SystemRefusal
from nac.utils.failures import reason_in


def finish(job: OpenJob, outcome: Outcome, joules: float | None) -> JobResult:
    """Write what a job leaves. Its result comes after its network: with it, the job is done.

    Args:
        job: The job.
        outcome: What came of its training.
        joules: Energy of the training, None where it is not known.
    """
    job.progress.show(Working("saving"))
    _save(job, outcome)
    result, predictions = job_result(job, outcome, joules), None
    if job.machine.save_model:
        predictions = predictions_of(outcome.answers, job.source, result.split)
        write_predictions(job.directory, predictions)
        result = _with_files(job, result)
    write_result(job.directory, result)
    if not job.machine.keep_checkpoints:
        shutil.rmtree(job.directory / CHECKPOINTS, ignore_errors=True)
    _show(job, result, predictions)
    return result


def _save(job: OpenJob, outcome: Outcome) -> None:
    """Write the trained network in the forms that are asked for."""
    if job.machine.save_model:
        write_model(job.steps, job.directory / MODEL)
        note = deliver(job.steps, job.experiment, job.source, outcome.score, job.directory)
        if note:
            job.progress.show(Note(note))
    if job.machine.save_weights:
        write_weights(job.steps, job.directory / WEIGHTS)
    if job.machine.keep_checkpoints:
        job.checkpoints.save(outcome.steps, outcome.seconds, 1.0)


def _with_files(job: OpenJob, result: JobResult) -> JobResult:
    """Return the result with the files of the network, and the time of its answers."""
    latency = measure_latency(inference_model(job.steps.model), job.strategy)
    files = tuple(name for name in (MODEL, CLASSIFIER) if (job.directory / name).exists())
    return replace(result, latency=latency, files=files)


def _show(job: OpenJob, result: JobResult, predictions: Predictions | None) -> None:
    """Draw what people look at; the training must not be lost if a picture cannot be drawn."""
    try:
        if predictions:
            show(predictions, job.source, job.directory, job.board, result.steps)
        job.board.end(result)
    except (OSError, SystemRefusal, tf.errors.OpError) as error:
        missing = f"pictures or TensorBoard's summary in {job.directory} are not"
        note = f"note: the training is done, but {missing}: {reason_in(error)}"
        job.progress.show(Note(note))

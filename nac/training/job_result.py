"""From a training to the result that ``statistics.json`` holds."""

import keras
import tensorflow as tf

from nac.config import Experiment
from nac.config.splits import TEST, VALIDATION
from nac.models.description import NetworkDescription
from nac.runs.result import JobResult
from nac.training.calls import Calls
from nac.training.loop import Outcome
from nac.training.measurements import featuremaps, gates
from nac.training.strategies import describe_devices


def job_result(
    experiment: Experiment,
    calls: Calls,
    strategy: tf.distribute.Strategy,
    outcome: Outcome,
    elapsed: float,
    joules: float | None,
    description: NetworkDescription,
) -> JobResult:
    """Return the result of a training.

    Args:
        experiment: The job.
        calls: The calls that trained its network.
        strategy: The strategy that it ran on.
        outcome: What came of the training.
        elapsed: Seconds of the whole job.
        joules: Energy of the training, None where it is not known.
        description: Description of the network.
    """
    model, parameters, validation = calls.steps.model, experiment.parameters, outcome.validation
    return JobResult(
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
        steps=outcome.steps,
        notation=description.notation,
        parameters=description.trainable_params,
        flops=description.flops,
        seconds=round(outcome.seconds, 3),
        images_per_second=round(outcome.images_per_second, 1),
        input_wait=round(outcome.input_wait, 4),
        elapsed_seconds=round(elapsed, 3),
        energy_joules=joules,
        peak_memory_bytes=calls.memory.bytes,
        device=describe_devices(strategy),
        strategy=type(strategy).__name__,
        versions={"tensorflow": tf.__version__, "keras": keras.__version__},
    )

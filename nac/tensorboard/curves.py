"""Curves of a job for TensorBoard: event files in ``train/``, and ``validation/`` or ``test/``."""

import math
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorboard.plugins.histogram.summary_v2 import histogram_pb
from tensorboard.plugins.scalar.summary_v2 import scalar_pb

from nac.architecture.network import Architecture
from nac.config.splits import TEST
from nac.runs.layout import TRAIN
from nac.tensorboard.tags import featuremap_tags, gate_tags, histogram_tag


class Summaries:
    """Writers of a job's curves and histograms.

    What belongs to a step is written as one record: a hundred of them take longer than a step of
    a small network.

    Args:
        directory: of the job.
        architecture: whose branches and gates are shown.
        split: of the evaluations while training, "test" or "validation".
    """

    def __init__(self, directory: Path, architecture: Architecture, split: str = TEST):
        self._train = tf.summary.create_file_writer(str(directory / TRAIN))
        self._evaluation = tf.summary.create_file_writer(str(directory / split))
        self._featuremaps, self._gates = featuremap_tags(architecture), gate_tags(architecture)

    def training(self, step: int, scalars: dict[str, float], statistics: dict[str, Any]) -> None:
        """Write scalars such as loss, each branch's metric and each gate, and histograms of both.

        Args:
            step: number of steps done.
            scalars: tag -> value.
            statistics: ``featuremaps`` and ``gates`` as in ``statistics.json``.
        """
        featuremaps = {
            self._featuremaps[key]: featuremap["mean_square"]
            for key, featuremap in statistics["featuremaps"].items()
        }
        gates = {self._gates[key]: gate for key, gate in statistics["gates"].items()}
        curves = {**scalars, **featuremaps, **gates}
        parts = [scalar_pb(tag, value) for tag, value in curves.items()]
        parts += [histogram_pb(*item) for item in by_stage({**featuremaps, **gates}).items()]
        write_record(self._train, step, parts)

    def evaluation(self, step: int, scalars: dict[str, float]) -> None:
        """Write the result of an evaluation."""
        parts = [scalar_pb(tag, value) for tag, value in scalars.items()]
        write_record(self._evaluation, step, parts)

    def flush(self) -> None:
        """Write out what is still in memory."""
        self._train.flush()
        self._evaluation.flush()


def by_stage(values: dict[str, float]) -> dict[str, list[float]]:
    """Return tag of a stage's histogram -> its values; what is not finite has no place in one.

    Args:
        values: of branches or gates, by their tag.
    """
    stages: dict[str, list[float]] = {}
    for tag, value in values.items():
        if math.isfinite(value):
            stages.setdefault(histogram_tag(tag), []).append(value)
    return stages


def write_record(writer: tf.summary.SummaryWriter, step: int, parts: list) -> None:
    """Write summary protocol buffers to an event file as one record.

    Args:
        writer: of the event file.
        step: to which they belong.
        parts: of type ``Summary``, each with any number of values.
    """
    whole = b"".join(part.SerializeToString() for part in parts)  # concatenation merges messages
    with writer.as_default():
        tf.summary.experimental.write_raw_pb(whole, step=step)

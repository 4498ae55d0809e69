"""Curves of a job for TensorBoard: event files in ``train/``, and ``validation/`` or ``test/``."""

import math
from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf
from tensorboard.plugins.histogram.summary_v2 import histogram_pb
from tensorboard.plugins.scalar.summary_v2 import scalar_pb

from nac.architecture.network import Architecture
from nac.config.rankings import DEFAULT
from nac.config.splits import TEST
from nac.runs.layout import TRAIN
from nac.tensorboard.tags import branch_tags, gate_tags, histogram_tag


class Curves:
    """Writers of a job's curves and histograms.

    Everything that belongs to a step is written as one record, because a hundred records take
    longer than a training step of a small network.

    Args:
        directory: The job's directory.
        architecture: The network whose branches and gates are shown.
        split: Images of the evaluations during training, "test" or "validation".
        ranking: The ranking by which branches are shown.
    """

    def __init__(
        self,
        directory: Path,
        architecture: Architecture,
        split: str = TEST,
        ranking: str = DEFAULT,
    ):
        self._train = tf.summary.create_file_writer(str(directory / TRAIN))
        self._evaluation = tf.summary.create_file_writer(str(directory / split))
        self._tags = branch_tags(architecture, ranking) | gate_tags(architecture)

    def training(
        self,
        step: int,
        scalars: Mapping[str, float],
        strengths: Mapping[str, float],
        gates: Mapping[str, float],
    ) -> None:
        """Write scalars such as the loss, all branches and gates, and histograms of these.

        Args:
            step: Number of steps done.
            scalars: Tag -> value.
            strengths: Key of a branch -> its strength by the ranking.
            gates: Key of a skip connection -> its gate.
        """
        measured = {self._tags[key]: value for key, value in {**strengths, **gates}.items()}
        parts = [scalar_pb(tag, value) for tag, value in {**scalars, **measured}.items()]
        parts += [histogram_pb(*item) for item in by_stage(measured).items()]
        write_record(self._train, step, parts)

    def evaluation(self, step: int, scalars: Mapping[str, float]) -> None:
        """Write the result of an evaluation."""
        parts = [scalar_pb(tag, value) for tag, value in scalars.items()]
        write_record(self._evaluation, step, parts)

    def flush(self) -> None:
        """Write everything that is still in memory."""
        self._train.flush()
        self._evaluation.flush()


def by_stage(values: dict[str, float]) -> dict[str, list[float]]:
    """Return tag of a stage's histogram -> its finite values.

    Args:
        values: Tag of a branch or gate -> value.
    """
    stages: dict[str, list[float]] = {}
    for tag, value in values.items():
        if math.isfinite(value):
            stages.setdefault(histogram_tag(tag), []).append(value)
    return stages


def write_record(writer: tf.summary.SummaryWriter, step: int, parts: list) -> None:
    """Write summary protocol buffers to an event file as one record.

    Args:
        writer: The writer of the event file.
        step: The step that they belong to.
        parts: Buffers of type ``Summary``, each with any number of values.
    """
    # Concatenating serialized protocol buffers merges them.
    merged = b"".join(part.SerializeToString() for part in parts)
    with writer.as_default():
        tf.summary.experimental.write_raw_pb(merged, step=step)

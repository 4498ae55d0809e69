"""TensorBoard event files of a job: ``train/``, and ``validation/`` or ``test/``."""

from pathlib import Path
from typing import Any

import tensorflow as tf

from nac.architecture import Architecture
from nac.names import TEST, TRAIN, featuremap_tags, gate_tags


class Summaries:
    """Writers of a job's scalars.

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
        """Write scalars such as loss, and each branch's metric and each gate."""
        with self._train.as_default(step=step):
            for name, value in scalars.items():
                tf.summary.scalar(name, value)
            for key, featuremap in statistics["featuremaps"].items():
                tf.summary.scalar(self._featuremaps[key], featuremap["mean_square"])
            for key, gate in statistics["gates"].items():
                tf.summary.scalar(self._gates[key], gate)

    def evaluation(self, step: int, scalars: dict[str, float]) -> None:
        """Write the result of an evaluation."""
        with self._evaluation.as_default(step=step):
            for name, value in scalars.items():
                tf.summary.scalar(name, value)

    def flush(self) -> None:
        """Write out what is still in memory."""
        self._train.flush()
        self._evaluation.flush()

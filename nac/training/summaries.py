"""TensorBoard event files of a job: ``train/`` and ``validation/``."""

from pathlib import Path
from typing import Any

import tensorflow as tf

from nac.models.macro import layer_name


class Summaries:
    """Writers of a job's scalars.

    Args:
        directory: of the job.
    """

    def __init__(self, directory: Path):
        self._train = tf.summary.create_file_writer(str(directory / "train"))
        self._validation = tf.summary.create_file_writer(str(directory / "validation"))

    def training(self, step: int, scalars: dict[str, float], statistics: dict[str, Any]) -> None:
        """Write scalars such as loss, and each branch's metric and each gate."""
        with self._train.as_default(step=step):
            for name, value in scalars.items():
                tf.summary.scalar(name, value)
            for key, featuremap in statistics["featuremaps"].items():
                layer, branch = key.split("/")
                tag = f"featuremaps/{layer_name(int(layer))}/{branch}"
                tf.summary.scalar(tag, featuremap["mean_square"])
            for key, gate in statistics["gates"].items():
                source, destination = map(int, key.split("-"))
                tag = f"gates/{layer_name(destination)}/from_{layer_name(source)}"
                tf.summary.scalar(tag, gate)

    def validation(self, step: int, scalars: dict[str, float]) -> None:
        """Write the result of an evaluation."""
        with self._validation.as_default(step=step):
            for name, value in scalars.items():
                tf.summary.scalar(name, value)

    def flush(self) -> None:
        """Write out what is still in memory."""
        self._train.flush()
        self._validation.flush()

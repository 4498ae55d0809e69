"""TensorBoard event files of a job: ``train/`` and ``validation/``."""

from pathlib import Path
from typing import Any

import tensorflow as tf

from nac.architecture import Architecture
from nac.construction.statistics import branch_key, gate_key
from nac.models.macro import layer_name


def featuremap_tags(architecture: Architecture) -> dict[str, str]:
    """Return key in ``featuremaps`` -> tag, for instance ``featuremaps/layer03/Branch2_3x3``."""
    return {
        branch_key(index, name): f"featuremaps/{layer_name(index)}/{name}_{block}"
        for index, layer in architecture.branch_layers()
        for name, block in layer.branches
    }


def gate_tags(architecture: Architecture) -> dict[str, str]:
    """Return key in ``gates`` -> tag, for instance ``gates/layer05/from_layer01``."""
    return {
        gate_key(source, end): f"gates/{layer_name(end)}/from_{layer_name(source)}"
        for source, end in architecture.skip_connections()
    }


class Summaries:
    """Writers of a job's scalars.

    Args:
        directory: of the job.
        architecture: whose branches and gates are shown.
    """

    def __init__(self, directory: Path, architecture: Architecture):
        self._train = tf.summary.create_file_writer(str(directory / "train"))
        self._validation = tf.summary.create_file_writer(str(directory / "validation"))
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

    def validation(self, step: int, scalars: dict[str, float]) -> None:
        """Write the result of an evaluation."""
        with self._validation.as_default(step=step):
            for name, value in scalars.items():
                tf.summary.scalar(name, value)

    def flush(self) -> None:
        """Write out what is still in memory."""
        self._train.flush()
        self._validation.flush()

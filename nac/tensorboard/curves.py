"""Curves of a job for TensorBoard: event files in ``train/``, and ``validation/`` or ``test/``."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path

from tensorboard.plugins.histogram.summary_v2 import histogram_pb
from tensorboard.plugins.scalar.summary_v2 import scalar_pb

from nac.architecture.network import Architecture
from nac.config.rankings import DEFAULT
from nac.config.splits import TEST
from nac.runs.layout import TRAIN
from nac.tensorboard.event_file import EventFile
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
        say: Tells the user what has to wait, as the disk is full, say; by default nobody.
    """

    def __init__(
        self,
        directory: Path,
        architecture: Architecture,
        split: str = TEST,
        ranking: str = DEFAULT,
        say: Callable[[str], object] = lambda text: None,
    ):
        self._train = EventFile(directory / TRAIN, say)
        self._evaluation = EventFile(directory / split, say)
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
        self._train.write(step, parts)

    def evaluation(self, step: int, scalars: Mapping[str, float]) -> None:
        """Write the result of an evaluation."""
        parts = [scalar_pb(tag, value) for tag, value in scalars.items()]
        self._evaluation.write(step, parts)

    def flush(self) -> None:
        """Write everything that is still in memory.

        Raises:
            tf.errors.OpError: The system refuses to.
        """
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

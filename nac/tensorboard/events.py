"""Curves of a job, read back from its TensorBoard event files."""

from pathlib import Path

from nac.config.splits import TEST, VALIDATION
from nac.runs.layout import event_files

Curve = list[tuple[int, float]]
"""(step, value) pairs by rising step."""


def read_scalars(directory: Path) -> dict[str, Curve]:
    """Return tag -> curve of all event files of one folder; empty if there are none.

    If a resumed job has written a step twice, the newest file counts. A file that is cut short,
    because its job was killed or is still running, is read as far as it goes.

    Args:
        directory: The folder, such as ``<job>/train``.
    """
    paths = event_files(directory)
    if not paths:
        return {}
    # tensorboard imports TensorFlow, which takes seconds: only if there is something to read.
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
    from tensorboard.util.tensor_util import make_ndarray

    points: dict[str, dict[int, float]] = {}
    for path in paths:
        for event in EventFileLoader(str(path)).Load():
            for value in event.summary.value:
                if value.HasField("tensor") and value.metadata.plugin_data.plugin_name == "scalars":
                    number = float(make_ndarray(value.tensor))
                    points.setdefault(value.tag, {})[event.step] = number
    return {tag: sorted(by_step.items()) for tag, by_step in points.items()}


def read_evaluations(job: Path) -> tuple[str, Curve]:
    """Return the split of a job's evaluations during training, and the curve of their accuracy."""
    for split in (VALIDATION, TEST):
        curve = read_scalars(job / split).get("accuracy", [])
        if curve:
            return split, curve
    return TEST, []

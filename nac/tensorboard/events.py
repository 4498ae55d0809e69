"""Curves of a job, read back from its TensorBoard event files."""

from pathlib import Path

from nac.config.splits import TEST, VALIDATION

Curve = list[tuple[int, float]]
"""(step, value) pairs by rising step."""


def read_scalars(directory: Path) -> dict[str, Curve]:
    """Return tag -> curve of all event files of one folder; empty if there are none.

    Where a resumed job has written a step twice, the newest file counts. A file that is cut short
    (a job was killed, or still runs) counts as far as it goes.

    Args:
        directory: for instance ``<job>/train``.
    """
    paths = sorted(directory.glob("events.out.tfevents.*"))
    if not paths:
        return {}
    # tensorboard imports TensorFlow, which takes seconds: only where there is something to read.
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
    from tensorboard.util.tensor_util import make_ndarray

    found: dict[str, dict[int, float]] = {}
    for path in paths:
        for event in EventFileLoader(str(path)).Load():
            for value in event.summary.value:
                if value.HasField("tensor") and value.metadata.plugin_data.plugin_name == "scalars":
                    number = float(make_ndarray(value.tensor))
                    found.setdefault(value.tag, {})[event.step] = number
    return {tag: sorted(points.items()) for tag, points in found.items()}


def read_evaluations(job: Path) -> tuple[str, Curve]:
    """Return the split of a job's evaluations while training, and the curve of their accuracy."""
    for split in (VALIDATION, TEST):
        curve = read_scalars(job / split).get("accuracy", [])
        if curve:
            return split, curve
    return TEST, []

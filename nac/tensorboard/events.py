"""Curves of a job, read back from its TensorBoard event files."""

import struct
from collections.abc import Iterator
from pathlib import Path

from google.protobuf.message import DecodeError
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary

from nac.config.splits import TEST, VALIDATION
from nac.runs.layout import TRAIN, event_files
from nac.utils import limits
from nac.utils.files import write_atomically
from nac.utils.statistics import mean

Curve = list[tuple[int, float]]
"""(step, value) pairs by rising step."""


def read_scalars(directory: Path) -> dict[str, Curve]:
    """Return tag -> curve of all event files of one folder; empty if there are none.

    A file that is cut short, because its job was killed or is still running, is read as far as it
    goes. One that is no regular file is passed over, and so are files beyond
    ``limits.EVENTS_BYTES`` together, and points that are not a single number.

    Args:
        directory: The folder, such as ``<job>/train``.
    """
    points: dict[str, dict[int, float]] = {}
    for _, content in _contents(directory):
        for event, _ in _events(content):
            for value in event.summary.value:
                number = _number(value)
                if number is not None:
                    points.setdefault(value.tag, {})[event.step] = number
    return {tag: sorted(by_step.items()) for tag, by_step in points.items()}


def read_events(path: Path) -> list[Event]:
    """Return the events of an event file, up to the first that is cut short or damaged."""
    return [event for event, _ in _events(path.read_bytes())]


def _contents(directory: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield the event files of a folder, except what must not be read, and their contents.

    Reading a pipe could wait forever, and files of gigabytes could use up the memory.
    """
    left = limits.EVENTS_BYTES
    for path in event_files(directory):
        if path.is_file() and path.stat().st_size <= left:
            content = path.read_bytes()
            left -= len(content)
            yield path, content


def cut(directory: Path, step: int) -> None:
    """Remove the points of a step and of later ones from the event files of a folder.

    A resumed job writes them again. Only whole records are left, and no file without points. A file
    that :func:`read_scalars` passes over stays as it is.

    Args:
        directory: The folder, such as ``<job>/train``.
        step: Number of the step.
    """
    for path, content in _contents(directory):
        end, points = 0, 0
        for event, following in _events(content):
            if event.summary.value and event.step >= step:
                break
            end, points = following, points + len(event.summary.value)
        if not points:
            path.unlink()
        elif end < len(content):
            write_atomically(path, content[:end])


def _events(content: bytes) -> Iterator[tuple[Event, int]]:
    """Yield the events of a file up to the first that is cut short or damaged, and where each ends.

    TensorBoard has a reader, too, but it imports TensorFlow, which takes seconds. A record of the
    file is a length of 8 bytes, a checksum of 4, the event, and another checksum.
    """
    start = 12
    while start <= len(content):
        (size,) = struct.unpack_from("<Q", content, start - 12)
        end = start + size
        if end + 4 > len(content):
            return
        try:
            yield Event.FromString(content[start:end]), end + 4
        except DecodeError:
            return
        start = end + 16


def _number(value: Summary.Value) -> float | None:
    """Return a point of a curve, None if the value is something else."""
    if not value.HasField("tensor") or value.metadata.plugin_data.plugin_name != "scalars":
        return None
    if value.tensor.float_val:
        return value.tensor.float_val[0]
    content = value.tensor.tensor_content
    return struct.unpack("<f", content)[0] if len(content) == 4 else None


def late_loss(job: Path, steps: int) -> float | None:
    """Return the mean training loss of the last third of a job's steps, None without a curve.

    Each point of the curve is the mean since the one before it.

    Args:
        job: Directory of the job.
        steps: Number of its steps.
    """
    curve = read_scalars(job / TRAIN).get("loss", [])
    return mean([loss for step, loss in curve if step > steps * 2 / 3])


def read_evaluations(job: Path) -> tuple[str, Curve]:
    """Return the split of a job's evaluations during training, and the curve of their accuracy."""
    for split in (VALIDATION, TEST):
        curve = read_scalars(job / split).get("accuracy", [])
        if curve:
            return split, curve
    return TEST, []

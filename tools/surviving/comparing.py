"""What differs between two run directories that should have the same results."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nac.config.splits import TEST, VALIDATION
from nac.runs.layout import (
    ARCHITECTURE,
    CHECKPOINTS,
    CLASSIFIER,
    DECODED,
    JOB,
    MODEL,
    PREDICTIONS,
    REPORT,
    STATISTICS,
    TRAIN,
    event_files,
)
from nac.tensorboard.events import read_events

OF_THE_MACHINE = (
    "seconds",
    "elapsed_seconds",
    "images_per_second",
    "input_wait",
    "energy_joules",
    "peak_memory_bytes",
    "latency",
    "rounds_seconds",
)
"""Figures of ``statistics.json`` that differ from one training to the next."""

SPEED = "images_per_second"
"""The tag of TensorBoard's that does."""

Point = tuple[str, int, bytes]


def differences(expected: Path, run: Path) -> list[str]:
    """Return a line for each difference between two runs, none if they have the same results.

    Args:
        expected: Directory of a run that nobody disturbed.
        run: The other one.
    """
    return list(_differences(expected, run))


def _differences(expected: Path, run: Path) -> Iterator[str]:
    jobs = [path.parent.relative_to(expected) for path in sorted(expected.rglob(JOB))]
    files = [Path(name) for name in (ARCHITECTURE, MODEL, CLASSIFIER, REPORT)]
    files += [job / STATISTICS for job in jobs]
    files += [job / PREDICTIONS for job in jobs if (expected / job / PREDICTIONS).exists()]
    for file in files:
        if not (run / file).is_file():
            yield f"{file}: missing"
        elif not _same_file(expected / file, run / file):
            yield f"{file}: differs{_keys(expected / file, run / file)}"
    for job in jobs:
        for folder in (TRAIN, VALIDATION, TEST):
            difference = _points(expected / job / folder, run / job / folder)
            if difference:
                yield f"{job / folder}: {difference}"
    for left in [run / DECODED, *run.rglob(CHECKPOINTS)]:
        if left.exists():
            yield f"{left.relative_to(run)}: left behind"


def _same_file(expected: Path, other: Path) -> bool:
    if expected.name == STATISTICS:
        return not _keys(expected, other)
    if expected.suffix == ".keras":
        return _weights(expected) == _weights(other)
    if expected.suffix == ".npz":
        return _same_arrays(expected, other)
    if expected.name == REPORT:
        return other.read_text(encoding="utf-8").rstrip().endswith("</html>")
    return expected.read_bytes() == other.read_bytes()


def _keys(expected: Path, other: Path) -> str:
    """Return the keys of a result in which two differ, in parentheses; empty if in none."""
    if expected.name != STATISTICS:
        return ""
    first, second = (json.loads(path.read_text(encoding="utf-8")) for path in (expected, other))
    keys = [key for key in {**first, **second} if first.get(key) != second.get(key)]
    named = ", ".join(key for key in keys if key not in OF_THE_MACHINE)
    return f" ({named})" if named else ""


def _weights(model: Path) -> bytes:
    with zipfile.ZipFile(model) as archive:
        return archive.read("model.weights.h5")


def _same_arrays(expected: Path, other: Path) -> bool:
    with np.load(expected) as first, np.load(other) as second:
        return set(first) == set(second) and all(
            np.array_equal(first[name], second[name]) for name in first
        )


def _points(expected: Path, other: Path) -> str | None:
    """Return how the points of two folders of event files differ, None if they do not."""
    first, second = points(expected), points(other)
    if len({(tag, step) for tag, step, _ in second}) < len(second):
        return "points twice"
    if [point[:2] for point in first] != [point[:2] for point in second]:
        return f"{len(second)} points at other steps, not {len(first)}"
    pairs = zip(first, second, strict=True)
    tags = sorted({one[0] for one, two in pairs if one[0] != SPEED and one != two})
    return f"other values of {', '.join(tags)}" if tags else None


def points(folder: Path) -> list[Point]:
    """Return tag, step and value of all points in the event files of a folder, in order."""
    found = [
        (value.tag, event.step, value.tensor.SerializeToString())
        for path in event_files(folder)
        for event in read_events(path)
        for value in event.summary.value
    ]
    return sorted(found)

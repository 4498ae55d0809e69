"""Event files, read record by record."""

from pathlib import Path

import numpy as np
import tensorflow as tf


def records(folder: Path) -> list[tf.compat.v1.Event]:
    """Return all events of the event files of a folder."""
    paths = [str(path) for path in sorted(folder.glob("events*"))]
    return [
        tf.compat.v1.Event.FromString(record.numpy()) for record in tf.data.TFRecordDataset(paths)
    ]


def tensors(folder: Path) -> dict[tuple[str, int], np.ndarray]:
    """Return (tag, step) -> value of all summaries."""
    return {
        (value.tag, event.step): tf.make_ndarray(value.tensor)
        for event in records(folder)
        for value in event.summary.value
    }


def plugins(folder: Path) -> dict[str, str]:
    """Return tag -> the plugin that shows it."""
    return {
        value.tag: value.metadata.plugin_data.plugin_name
        for event in records(folder)
        for value in event.summary.value
    }


def scalars(folder: Path) -> dict[tuple[str, int], float]:
    """Return (tag, step) -> number of what is shown as a curve."""
    shown = plugins(folder)
    found = tensors(folder).items()
    return {key: float(value) for key, value in found if shown[key[0]] == "scalars"}


def texts(folder: Path) -> dict[str, str]:
    """Return tag -> Markdown of what is shown as a text."""
    shown = plugins(folder)
    found = tensors(folder).items()
    return {tag: value.item().decode() for (tag, _), value in found if shown[tag] == "text"}

"""An event file of TensorBoard that outlasts a full disk."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from nac.utils.failures import reason_in

GROUP = 10
"""Records that are written together, at most."""

GROUP_SECONDS = 30.0
"""Seconds for which a record waits for others, at most, if another one follows."""


class EventFile:
    """Writer of records to an event file.

    Records are kept until they are known to be in the file. If the system refuses to write them,
    the training goes on, and they go to a new file later, because the old one may end in half a
    record. TensorFlow itself would drop them.

    Args:
        folder: The folder of the file.
        say: Tells the user that records have to wait.
    """

    def __init__(self, folder: Path, say: Callable[[str], object]):
        self._folder, self._say = folder, say
        self._kept: list[tuple[int, bytes]] = []
        self._writer = self._new()
        self._written, self._said = time.monotonic(), False

    def _new(self) -> tf.summary.SummaryWriter:
        return tf.summary.create_file_writer(str(self._folder))

    def write(self, step: int, parts: Sequence[Any]) -> None:
        """Write summary protocol buffers as one record.

        Args:
            step: The step that they belong to.
            parts: Buffers of type ``Summary``, each with any number of values.
        """
        self._kept.append((step, merged(parts)))
        waited = time.monotonic() - self._written
        if len(self._kept) < GROUP and waited < GROUP_SECONDS:
            return
        try:
            self.flush()
        except tf.errors.OpError as error:
            self._written = time.monotonic()
            if not self._said:
                self._said = True
                self._say(
                    f"note: {self._folder}: points for TensorBoard cannot be written:"
                    f" {reason_in(error)}; the training goes on and tries again"
                )

    def flush(self) -> None:
        """Write all records that are not in the file yet.

        Raises:
            tf.errors.OpError: The system refuses to. They are still kept.
        """
        try:
            for step, record in self._kept:
                write_raw(self._writer, step, record)
            self._writer.flush()
        except tf.errors.OpError:
            self._writer = self._new()
            raise
        self._kept.clear()
        self._written = time.monotonic()


def merged(parts: Sequence[Any]) -> bytes:
    """Return summary protocol buffers as one: concatenating serialized ones merges them."""
    return b"".join(part.SerializeToString() for part in parts)


def write_raw(writer: tf.summary.SummaryWriter, step: int, record: bytes) -> None:
    """Write a serialized summary to an event file."""
    with writer.as_default():
        tf.summary.experimental.write_raw_pb(record, step=step)

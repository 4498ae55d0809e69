"""Event files on a full disk."""

import pytest
import tensorflow as tf
from tensorboard.plugins.scalar.summary_v2 import scalar_pb

from nac.tensorboard import event_file
from nac.tensorboard.event_file import GROUP, EventFile
from nac.tensorboard.events import read_scalars

FULL = "{{function_node __wrapped__Flush}} ev/events.out; No space left on device\n\tFailed [Op:F]"


@pytest.fixture
def disk(monkeypatch):
    """A disk that is full as long as ``disk.full`` is true; it takes half of what is written."""

    class Disk:
        full = False

    real = event_file.write_raw

    def write(writer, step, record):
        if Disk.full and step % 2:
            raise tf.errors.ResourceExhaustedError(None, None, FULL)
        real(writer, step, record)

    monkeypatch.setattr(event_file, "write_raw", write)
    return Disk


def write(file, steps):
    for step in steps:
        file.write(step, [scalar_pb("loss", float(step))])


def test_what_a_full_disk_refuses_is_written_when_there_is_room(disk, tmp_path):
    said = []
    file = EventFile(tmp_path, said.append)
    disk.full = True
    write(file, range(GROUP))
    disk.full = False
    write(file, range(GROUP, 2 * GROUP))
    file.flush()
    assert read_scalars(tmp_path)["loss"] == [(step, float(step)) for step in range(2 * GROUP)]
    assert said == [
        f"note: {tmp_path}: points for TensorBoard cannot be written: No space left on device; the"
        " training goes on and tries again"
    ]


def test_it_is_said_once(disk, tmp_path):
    said = []
    disk.full = True
    write(EventFile(tmp_path, said.append), range(5 * GROUP))
    assert len(said) == 1


def test_at_the_end_of_a_training_a_full_disk_is_an_error(disk, tmp_path):
    disk.full = True
    file = EventFile(tmp_path, print)
    write(file, [1])
    with pytest.raises(tf.errors.OpError):
        file.flush()

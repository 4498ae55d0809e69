"""Curves read back from event files."""

import os

import pytest
import tensorflow as tf
from tensorboard.compat.proto.event_pb2 import Event

from nac.config.reading import parse_experiment
from nac.tensorboard.curves import Curves
from nac.tensorboard.events import cut, late_loss, read_evaluations, read_scalars
from nac.utils import limits
from tests.experiments import training
from tests.tensorboard.event_files import scalars


def write(folder, points, tag="loss", suffix=""):
    writer = tf.summary.create_file_writer(str(folder), filename_suffix=suffix)
    with writer.as_default():
        for step, value in points:
            tf.summary.scalar(tag, value, step=step)
    writer.close()


def test_points_come_by_step(tmp_path):
    write(tmp_path, [(5, 0.5), (10, 0.25)])
    assert read_scalars(tmp_path) == {"loss": [(5, 0.5), (10, 0.25)]}


def test_a_folder_without_event_files_has_no_curves(tmp_path):
    assert read_scalars(tmp_path / "nowhere") == {}


def test_of_a_resumed_job_the_newer_point_of_a_step_counts(tmp_path):
    write(tmp_path, [(5, 0.5), (10, 9.0)], suffix=".a")
    write(tmp_path, [(10, 0.25), (15, 0.125)], suffix=".b")
    first, second = sorted(tmp_path.iterdir(), key=lambda path: path.suffix)
    first.rename(tmp_path / "events.out.tfevents.1.a")
    second.rename(tmp_path / "events.out.tfevents.2.b")
    assert read_scalars(tmp_path) == {"loss": [(5, 0.5), (10, 0.25), (15, 0.125)]}


def test_a_file_that_is_cut_short_counts_as_far_as_it_goes(tmp_path):
    write(tmp_path, [(5, 0.5), (10, 0.25)])
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-4])
    assert read_scalars(tmp_path) == {"loss": [(5, 0.5)]}


def test_a_file_with_a_damaged_end_counts_as_far_as_it_goes(tmp_path):
    write(tmp_path, [(5, 0.5)])
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes() + b"\xff" * 40)
    assert read_scalars(tmp_path) == {"loss": [(5, 0.5)]}


def test_a_file_with_a_damaged_record_counts_as_far_as_it_goes(tmp_path):
    write(tmp_path, [(5, 0.5)])
    (path,) = tmp_path.iterdir()
    damaged = (4).to_bytes(8, "little") + b"sum1" + b"\xff" * 4 + b"sum2"
    path.write_bytes(path.read_bytes() + damaged)
    assert read_scalars(tmp_path) == {"loss": [(5, 0.5)]}


@pytest.mark.parametrize("size", [0, 3, 8])
def test_a_point_that_is_not_one_number_is_passed_over(tmp_path, size):
    write(tmp_path, [(5, 0.5)])
    (path,) = tmp_path.iterdir()
    event = Event(step=6)
    value = event.summary.value.add(tag="loss", tensor={"tensor_content": bytes(size)})
    value.metadata.plugin_data.plugin_name = "scalars"
    path.write_bytes(path.read_bytes() + record(event.SerializeToString()))
    assert read_scalars(tmp_path) == {"loss": [(5, 0.5)]}


def record(content):
    """Return a record of an event file, without its checksums."""
    return len(content).to_bytes(8, "little") + bytes(4) + content + bytes(4)


def sparse(path):
    """Make a file of 3 GB that takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(3 * 10**9)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, sparse])
def test_what_is_no_event_file_by_its_kind_or_size_is_passed_over(tmp_path, make):
    write(tmp_path, [(5, 0.5)])
    make(tmp_path / "events.out.tfevents.1")
    assert read_scalars(tmp_path) == {"loss": [(5, 0.5)]}
    cut(tmp_path, 5)
    assert [path.name for path in tmp_path.iterdir()] == ["events.out.tfevents.1"]


def test_files_that_are_too_large_together_are_read_as_far_as_the_limit(tmp_path, monkeypatch):
    write(tmp_path, [(5, 0.5)], suffix=".a")
    write(tmp_path, [(10, 0.25)], suffix=".b")
    first, second = sorted(tmp_path.iterdir(), key=lambda path: path.suffix)
    first.rename(tmp_path / "events.out.tfevents.1.a")
    second = second.rename(tmp_path / "events.out.tfevents.2.b")
    monkeypatch.setattr(limits, "EVENTS_BYTES", 2 * second.stat().st_size - 1)
    assert read_scalars(tmp_path) == {"loss": [(5, 0.5)]}


def test_curves_of_a_job_are_read_back(tmp_path):
    curves = Curves(tmp_path, parse_experiment(training(), "e.yaml").architecture)
    curves.training(5, {"loss": 0.0}, {"1/Branch1": 0.25}, {})
    curves.flush()
    assert read_scalars(tmp_path / "train") == {
        "featuremaps_stage1/layer01/Branch1_1x1": [(5, 0.25)],
        "loss": [(5, 0.0)],
    }


def test_the_late_loss_is_the_mean_of_the_last_third(tmp_path):
    points = [(10, 9.0), (20, 5.0), (25, 0.5), (30, 0.25)]
    write(tmp_path / "train", points)
    assert late_loss(tmp_path, 30) == 0.375


def test_the_late_loss_of_a_short_job_is_its_only_point(tmp_path):
    write(tmp_path / "train", [(5, 0.5)])
    assert late_loss(tmp_path, 5) == 0.5


def test_a_job_without_a_curve_has_no_late_loss(tmp_path):
    assert late_loss(tmp_path, 30) is None
    write(tmp_path / "train", [(30, 0.5)], tag="accuracy")
    assert late_loss(tmp_path, 30) is None


def test_other_summaries_are_no_curves(tmp_path):
    writer = tf.summary.create_file_writer(str(tmp_path))
    with writer.as_default():
        tf.summary.text("note", "hello", step=1)
    writer.close()
    assert read_scalars(tmp_path) == {}


def test_evaluations_say_on_which_images_they_were(tmp_path):
    write(tmp_path / "a" / "test", [(3, 0.5)], tag="accuracy")
    write(tmp_path / "b" / "validation", [(3, 0.75)], tag="accuracy")
    assert read_evaluations(tmp_path / "a") == ("test", [(3, 0.5)])
    assert read_evaluations(tmp_path / "b") == ("validation", [(3, 0.75)])


class TestCut:
    """Points of a step and later ones are removed, as a resumed job writes them again."""

    def test_earlier_points_stay(self, tmp_path):
        write(tmp_path, [(5, 0.5), (10, 9.0), (15, 9.0)])
        cut(tmp_path, 10)
        assert read_scalars(tmp_path) == {"loss": [(5, 0.5)]}

    def test_later_points_are_written_after_the_earlier_ones(self, tmp_path):
        write(tmp_path, [(5, 0.5), (10, 9.0)], suffix=".a")
        cut(tmp_path, 10)
        write(tmp_path, [(10, 0.25)], suffix=".b")
        assert scalars(tmp_path) == {("loss", 5): 0.5, ("loss", 10): 0.25}

    def test_a_record_that_is_cut_short_goes(self, tmp_path):
        write(tmp_path, [(5, 0.5), (10, 9.0)])
        (path,) = tmp_path.iterdir()
        whole = path.read_bytes()
        path.write_bytes(whole[:-4])
        cut(tmp_path, 20)
        write(tmp_path, [(10, 0.25)], suffix=".b")
        assert scalars(tmp_path) == {("loss", 5): 0.5, ("loss", 10): 0.25}

    def test_a_file_without_points_goes(self, tmp_path):
        write(tmp_path, [(5, 0.5)])
        cut(tmp_path, 5)
        assert list(tmp_path.iterdir()) == []

    def test_a_file_with_earlier_points_only_is_left_alone(self, tmp_path):
        write(tmp_path, [(5, 0.5)])
        (path,) = tmp_path.iterdir()
        before = path.stat()
        cut(tmp_path, 6)
        assert path.stat() == before

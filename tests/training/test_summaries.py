"""TensorBoard event files."""

import pytest
import tensorflow as tf

from nac.training.summaries import Summaries
from tests.builders import architecture, layer

NETWORK = architecture(layer("1x1", "5x5sep"), *[layer("1x1")] * 10, layer("1x1", inputs=[0, 10]))
STATISTICS = {
    "featuremaps": {"1/Branch2": {"mean_square": 0.5, "mean": 9.0}},
    "gates": {"0-12": 0.25, "10-12": 0.75},
}


def events(folder):
    """Return {(tag, step): value} of the event files of a folder."""
    found = {}
    for path in folder.glob("events*"):
        for record in tf.data.TFRecordDataset(str(path)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            for value in event.summary.value:
                found[value.tag, event.step] = float(tf.make_ndarray(value.tensor))
    return found


@pytest.fixture
def summaries(tmp_path):
    return Summaries(tmp_path, NETWORK)


def test_training_has_scalars_metrics_and_gates(summaries, tmp_path):
    summaries.training(7, {"loss": 1.5}, STATISTICS)
    summaries.flush()
    assert events(tmp_path / "train") == {
        ("loss", 7): 1.5,
        ("featuremaps_stage1/layer01/Branch2_5x5sep", 7): 0.5,
        ("gates_stage1/layer12/from_stem", 7): 0.25,
        ("gates_stage1/layer12/from_layer10", 7): 0.75,
    }


def test_evaluations_are_in_a_folder_of_its_own(summaries, tmp_path):
    summaries.evaluation(9, {"loss": 2.5, "accuracy": 0.75})
    summaries.flush()
    assert events(tmp_path / "test") == {("loss", 9): 2.5, ("accuracy", 9): 0.75}
    assert events(tmp_path / "train") == {}


def test_steps_follow_each_other_in_one_file(summaries, tmp_path):
    for step in (1, 2):
        summaries.training(step, {"loss": float(step)}, {"featuremaps": {}, "gates": {}})
    summaries.flush()
    assert events(tmp_path / "train") == {("loss", 1): 1.0, ("loss", 2): 2.0}

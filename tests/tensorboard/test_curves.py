"""TensorBoard event files."""

import pytest

from nac.tensorboard.curves import Curves, by_stage
from tests.builders import architecture, layer
from tests.tensorboard.event_files import scalars, tensors

NETWORK = architecture(layer("1x1", "5x5sep"), *[layer("1x1")] * 10, layer("1x1", inputs=[0, 10]))
STRENGTHS = {"1/Branch2": 0.5}
GATES = {"0-12": 0.25, "10-12": 0.75}


def counts(folder):
    """Return {(tag, step): (least, largest, number of values)} of the histograms of a folder."""
    found = {key: value for key, value in tensors(folder).items() if value.ndim == 2}
    return {key: (t[0, 0], t[-1, 1], t[:, 2].sum()) for key, t in found.items()}


@pytest.fixture
def curves(tmp_path):
    return Curves(tmp_path, NETWORK)


def test_training_has_scalars_strengths_and_gates(curves, tmp_path):
    curves.training(7, {"loss": 1.5}, STRENGTHS, GATES)
    curves.flush()
    assert scalars(tmp_path / "train") == {
        ("loss", 7): 1.5,
        ("featuremaps_stage1/layer01/Branch2_5x5sep", 7): 0.5,
        ("gates_stage1/layer12/from_stem", 7): 0.25,
        ("gates_stage1/layer12/from_layer10", 7): 0.75,
    }


def test_another_ranking_has_tags_of_its_own(tmp_path):
    curves = Curves(tmp_path, NETWORK, ranking="taylor")
    curves.training(7, {}, STRENGTHS, {})
    curves.flush()
    assert scalars(tmp_path / "train") == {("taylor_stage1/layer01/Branch2_5x5sep", 7): 0.5}
    assert counts(tmp_path / "train") == {("taylor_stage1/all", 7): (0.5, 0.5, 1.0)}


def test_evaluations_are_in_a_folder_of_their_own(curves, tmp_path):
    curves.evaluation(9, {"loss": 2.5, "accuracy": 0.75})
    curves.flush()
    assert scalars(tmp_path / "test") == {("loss", 9): 2.5, ("accuracy", 9): 0.75}
    assert scalars(tmp_path / "train") == {}


def test_steps_follow_each_other_in_one_file(curves, tmp_path):
    for step in (1, 2):
        curves.training(step, {"loss": float(step)}, {}, {})
    curves.flush()
    assert scalars(tmp_path / "train") == {("loss", 1): 1.0, ("loss", 2): 2.0}


def test_gates_and_metrics_of_a_stage_have_a_histogram(curves, tmp_path):
    curves.training(7, {"loss": 1.5}, STRENGTHS, GATES)
    curves.flush()
    assert counts(tmp_path / "train") == {
        ("featuremaps_stage1/all", 7): (0.5, 0.5, 1.0),
        ("gates_stage1/all", 7): (0.25, 0.75, 2.0),
    }


def test_histograms_leave_out_what_is_not_finite():
    values = {"gates_stage1/a": 1.0, "gates_stage1/b": float("nan"), "gates_stage2/c": 2.0}
    assert by_stage(values) == {"gates_stage1/all": [1.0], "gates_stage2/all": [2.0]}

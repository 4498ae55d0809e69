"""A saved network can be loaded in a process that only runs ``import nac``."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from nac.models import build_model
from tests.builders import WIDENER, layer
from tests.experiments import environment
from tests.forks import forked
from tests.models.small_networks import random_images, small

SHAPE = (8, 8, 1)
PREDICT = """
import numpy as np

model = keras.models.load_model("net.keras")
np.save("logits.npy", model.predict(np.load("images.npy"), verbose=0))
"""
STEM = {
    "Layer0": {
        "Branch0": {"block": "conv2d", "kernel_size": [3, 3], "outputs": 3},
        "Branch1": {"block": "conv2d", "kernel_size": [1, 1], "outputs": 1, "bias": False},
    },
    "Layer1": {"Branch0": {"block": "lrn"}},
    "Layer2": {"Branch0": {"block": "cutout", "size": 2}},
    "Layer3": {"Branch0": {"block": "dropout", "keep_prob": 0.9}},
    "Layer4": {"Branch0": {"block": "conv2d", "kernel_size": [3, 3], "outputs": 4}},
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Return a folder with a network that was trained a little, images and its logits."""
    folder = tmp_path_factory.mktemp("saved")
    network = small(
        layer("1x1", "3x3sep", inputs=[]), WIDENER, layer("3x3", inputs=[1]), init_cell=STEM
    )
    model = build_model(network, SHAPE, branch_gates=True, batch_norm_scale=True)
    for number, variable in enumerate(model.trainable_variables):
        if variable.name == "gamma":
            variable.assign(np.full(variable.shape, 1.0 + number))
    for seed in range(3):
        model(random_images(4, *SHAPE, seed=seed), training=True)
    images = random_images(5, *SHAPE, seed=9)
    model.save(folder / "net.keras")
    np.save(folder / "images.npy", images)
    return folder, model, model.predict(images, verbose=0)


def test_it_loads_here_with_every_variable(saved):
    folder, model, _ = saved
    loaded = keras.models.load_model(folder / "net.keras")
    for ours, theirs in zip(model.variables, loaded.variables, strict=True):
        assert ours.path == theirs.path
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def assert_same(saved, result):
    """Assert that a process predicted what the network did."""
    folder, _, logits = saved
    assert result.returncode == 0, result.stderr
    np.testing.assert_array_equal(np.load(folder / "logits.npy"), logits)


@pytest.mark.slow
def test_it_predicts_the_same_in_a_process_that_imports_keras_after_nac(saved):
    result = subprocess.run(
        [sys.executable, "-c", f"import nac, keras{PREDICT}"],
        cwd=saved[0],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert_same(saved, result)


def test_it_predicts_the_same_in_a_process_that_imports_keras_first(saved):
    code = f"import keras, nac{PREDICT}"
    assert_same(saved, forked(exec, code, {}, cwd=saved[0], environment=environment()))

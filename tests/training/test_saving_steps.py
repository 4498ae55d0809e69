"""Steps that save memory have the results of those that do not.

Networks made by hand take half a minute to compile here; tests/models/test_recomputation.py has
their blocks.
"""

from functools import cache

import keras
import numpy as np
import pytest
import tensorflow as tf

from nac.models import build_model
from nac.runs.memory_saving import NOTHING_SAVED, MemorySaving
from nac.training.steps import Steps
from tests.builders import WIDENER, input_error, layer
from tests.models.small_networks import random_images, small
from tests.models.test_micro import HEAD, cell, micro, node
from tests.training.examples import recipe

SHAPE = (8, 8, 3)
SIZE = 12
IMAGES = random_images(SIZE, *SHAPE)
LABELS = (np.arange(SIZE) % 3).astype("int32")
WAYS = {
    "recomputed": MemorySaving(recompute=True),
    "in parts of 4": MemorySaving(micro_batch=4),
}
STEM = {
    "Layer0": {"B": {"block": "cutout", "size": 3}},
    "Layer1": {"B": {"block": "conv2d", "kernel_size": [3, 3], "outputs": 12}},
    "Layer2": {"B": {"block": "lrn"}},
    "Layer3": {"B": {"block": "dropout", "keep_prob": 0.9}},
}
NETWORKS = {
    "small": small(layer("1x1", "3x3sep", outputs=12, inputs=[0]), channels=12, init_cell=STEM),
    "macro": small(
        layer("1x1", "3x3", "5x5sep", outputs=12, inputs=[0]),
        {"auxiliary": {"Branch1": "Dense"}, "outputs": 3},
        layer("3x3sep", "7x7sep", outputs=10, inputs=[1, 0]),
        WIDENER,
        layer("1x1", "3x3", outputs=12, inputs=[3, 1]),
        channels=12,
        init_cell=STEM,
    ),
    "micro": micro(
        ["normal_cell", "auxiliary_classifier", "reduction_cell"],
        normal_cell=cell(
            node("3x3sep", 2, filters=4),
            node("1x1", 1, filters=4),
            node("3x3maxpool", 2),
            node("add", 3, 4, 5),
        ),
        reduction_cell=cell(
            node("3x3", 2, filters=4), node("3x3", 1, filters=4), node("concat", 3, 4)
        ),
        auxiliary_classifier=HEAD,
    ),
}

pytestmark = pytest.mark.slow


def trained(network, saving, fast, **changes):
    """Return the steps of a network, and loss and right answers of each of three steps."""
    strategy = tf.distribute.OneDeviceStrategy("CPU:0")
    training = recipe(momentum=0.9, clip_norm=1.0, l2=1e-3, branch_dropout=0.3, **changes)
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy(training.dtype_policy)
    with pytest.MonkeyPatch.context() as patch, strategy.scope():
        patch.setenv("TF_ENABLE_ONEDNN_OPTS", str(int(fast)))
        model = build_model(
            NETWORKS[network], SHAPE, branch_dropout=0.3, branch_gates=True, batch_norm_scale=True
        )
        steps = Steps(model, training, strategy, SIZE, saving=saving)
        steps.optimizer.learning_rate.assign(0.05)
        results = [steps.train(IMAGES, LABELS, tf.constant(0.5)) for _ in range(3)]
    keras.config.set_dtype_policy("float32")
    return steps, np.array(results)


@cache
def plain(network, fast=True):
    return trained(network, NOTHING_SAVED, fast)


@pytest.mark.parametrize(
    ("network", "fast", "way"),
    [
        *(("macro", True, way) for way in WAYS),
        ("small", False, "in parts of 4"),
        ("micro", True, "in parts of 4"),
    ],
)
def test_losses_and_all_variables_are_the_same(network, fast, way):
    # Among the variables are moving statistics, measurements, gates and counters of calls.
    expected, losses = plain(network, fast)
    steps, others = trained(network, WAYS[way], fast)
    np.testing.assert_allclose(others, losses, rtol=1e-5)
    for variable, other in zip(expected.model.variables, steps.model.variables, strict=True):
        np.testing.assert_allclose(
            other.numpy(), variable.numpy(), rtol=1e-5, atol=1e-5, err_msg=variable.path
        )
    np.testing.assert_allclose(steps.average.vector, expected.average.vector, rtol=1e-5, atol=1e-5)


def test_the_networks_measure_draw_and_have_gates():
    model = plain("macro")[0].model
    measured = model.get_layer("layer01").featuremap_metrics.results()
    assert [values["images"] for values in measured] == [3 * SIZE] * 3
    assert min(values["taylor"] for values in measured) > 0.0
    counters = [v for v in model.variables if v.path.endswith("calls")]
    assert [int(v.numpy()) for v in counters] == [3] * 5 + [0]  # the classifier has a dropout of 0
    assert any("branch_gate" in v.path for v in model.variables)


def test_with_mixed_precision_losses_are_close():
    _, losses = trained("small", NOTHING_SAVED, False, mixed_precision=True)
    _, others = trained("small", WAYS["in parts of 4"], False, mixed_precision=True)
    np.testing.assert_allclose(others[:, 0], losses[:, 0], rtol=0.02)


def test_a_compilation_by_xla_is_refused():
    strategy = tf.distribute.OneDeviceStrategy("CPU:0")
    model = build_model(NETWORKS["micro"], SHAPE)
    text = input_error(Steps, model, recipe(), strategy, SIZE, True, "", WAYS["recomputed"])
    assert text == (
        "--jit_compile: not with --recompute or --micro_batch, as XLA itself decides what is kept"
        " in memory"
    )

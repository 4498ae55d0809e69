"""Every experiment file that AMLA published takes a training step, unchanged.

Each network is in a process of its own: TensorFlow keeps the gigabytes that the largest one takes.
"""

import json
import math

import numpy as np
import pytest
import tensorflow as tf

from nac.architecture.fixed_cells import classes
from nac.config import load_experiment
from nac.construction.prior import prior
from nac.models import build_model
from nac.models.description import describe
from nac.training.steps import Steps
from tests.experiments import printed_by_call
from tests.peer import case_files

pytestmark = pytest.mark.slow

# The others have the network of one of these.
NETWORKS = [
    parameter
    for parameter in case_files("configs")
    if parameter.id not in ("config.nac.generated", "config.run.test", "config.multi-gpu.test")
]


def take_step(path):
    """Build the network of a file, train it for a step, and print what can be seen of that."""
    tf.config.run_functions_eagerly(True)
    experiment = load_experiment(str(path))
    parts = (experiment.envelopenet, experiment.stem, experiment.classifier)
    architecture = experiment.architecture or prior(*parts)
    side = 224 if experiment.parameters.dataset == "imagenet" else 32
    strategy = tf.distribute.OneDeviceStrategy("CPU:0")
    with strategy.scope():
        model = build_model(architecture, (side, side, 3))
        steps = Steps(model, experiment.recipe.training, strategy, 2)
    steps.optimizer.learning_rate.assign(0.001)
    before = steps.weights[0].numpy()
    images = np.random.default_rng(0).normal(size=(2, side, side, 3)).astype("float32")
    labels = np.array([0, classes(architecture.classifier) - 1], "int32")
    loss, _ = steps.train(images, labels, tf.constant(0.1))
    print(
        json.dumps(
            {
                "loss": float(loss),
                "changed": not np.array_equal(steps.weights[0].numpy(), before),
                "described": describe(architecture, model).trainable_params,
                "counted": sum(int(np.prod(v.shape)) for v in model.trainable_variables),
            }
        )
    )


@pytest.fixture(scope="module", params=NETWORKS)
def printed(request):
    return printed_by_call(take_step, request.param)


def test_a_published_file_is_described(printed):
    assert printed["described"] == printed["counted"]


def test_a_published_network_takes_a_step(printed):
    assert math.isfinite(printed["loss"])
    assert printed["changed"]

"""Every experiment file that AMLA published takes a training step, unchanged."""

import numpy as np
import pytest
import tensorflow as tf

from nac.architecture.fixed_cells import classes
from nac.config import load_experiment
from nac.construction.prior import prior
from nac.models import build_model
from nac.models.description import describe
from nac.training.steps import Steps
from tests.peer import case_files

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("eagerly")]


def network(path):
    experiment = load_experiment(str(path))
    return experiment, experiment.architecture or prior(
        experiment.envelopenet, experiment.stem, experiment.classifier
    )


def side(experiment):
    return 224 if experiment.parameters.dataset == "imagenet" else 32


@pytest.mark.parametrize("path", case_files("configs"))
def test_a_published_file_is_described(path):
    experiment, architecture = network(path)
    pixels = side(experiment)
    model = build_model(architecture, (pixels, pixels, 3))
    assert describe(architecture, model).trainable_params == sum(
        int(np.prod(variable.shape)) for variable in model.trainable_variables
    )


# The other files have the network of one of these.
@pytest.mark.parametrize(
    "path",
    [
        parameter
        for parameter in case_files("configs")
        if parameter.id not in ("config.nac.generated", "config.run.test", "config.multi-gpu.test")
    ],
)
def test_a_published_network_takes_a_step(path):
    experiment, architecture = network(path)
    pixels = side(experiment)
    strategy = tf.distribute.OneDeviceStrategy("CPU:0")
    with strategy.scope():
        model = build_model(architecture, (pixels, pixels, 3))
        steps = Steps(model, experiment.recipe.training, strategy, 2)
    steps.optimizer.learning_rate.assign(0.001)
    before = steps.weights[0].numpy()
    images = np.random.default_rng(0).normal(size=(2, pixels, pixels, 3)).astype("float32")
    labels = np.array([0, classes(architecture.classifier) - 1], "int32")
    loss, _ = steps.train(images, labels, tf.constant(0.1))
    assert np.isfinite(float(loss))
    assert not np.array_equal(steps.weights[0].numpy(), before)

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

pytestmark = pytest.mark.slow

# The others have the network of one of these.
NETWORKS = [
    parameter
    for parameter in case_files("configs")
    if parameter.id not in ("config.nac.generated", "config.run.test", "config.multi-gpu.test")
]


class Published:
    """The network of a published file, for images of the size that the file is about."""

    def __init__(self, path):
        self.experiment = load_experiment(str(path))
        parts = (self.experiment.envelopenet, self.experiment.stem, self.experiment.classifier)
        self.architecture = self.experiment.architecture or prior(*parts)
        side = 224 if self.experiment.parameters.dataset == "imagenet" else 32
        self.shape = (side, side, 3)
        self.strategy = tf.distribute.OneDeviceStrategy("CPU:0")
        with self.strategy.scope():
            self.model = build_model(self.architecture, self.shape)


@pytest.fixture(scope="module", params=NETWORKS)
def published(request):
    return Published(request.param)


def test_a_published_file_is_described(published):
    described = describe(published.architecture, published.model)
    assert described.trainable_params == sum(
        int(np.prod(variable.shape)) for variable in published.model.trainable_variables
    )


@pytest.mark.usefixtures("eagerly")
def test_a_published_network_takes_a_step(published):
    with published.strategy.scope():
        recipe = published.experiment.recipe.training
        steps = Steps(published.model, recipe, published.strategy, 2)
    steps.optimizer.learning_rate.assign(0.001)
    before = steps.weights[0].numpy()
    images = np.random.default_rng(0).normal(size=(2, *published.shape)).astype("float32")
    labels = np.array([0, classes(published.architecture.classifier) - 1], "int32")
    loss, _ = steps.train(images, labels, tf.constant(0.1))
    assert np.isfinite(float(loss))
    assert not np.array_equal(steps.weights[0].numpy(), before)

"""Networks whose weights are as uneven as those of trained ones."""

import keras
import numpy as np

from nac.data.augmentation import standardize
from nac.data.datasets import load_dataset
from nac.models import build_model
from nac.models.cells import batch_normalizations
from nac.training.steps import batch_statistics
from tests.builders import layer
from tests.models.small_networks import classifier, small


def shaken(model: keras.Model, seed: int = 0) -> keras.Model:
    """Return the model with random values in all variables, positive ones where variances are."""
    generator = np.random.default_rng(seed)
    for variable in model.variables:
        if "int" in variable.dtype:
            continue
        values = generator.normal(0.2, 0.5, variable.shape)
        if "variance" in variable.path:
            values = 0.5 + np.abs(values)
        variable.assign(values.astype("float32"))
    return model


def trained_on_digits() -> keras.Model:
    """Return a small macro network that was trained for seconds on the standardized digits."""
    keras.utils.set_random_seed(0)
    layers = (layer("1x1", "3x3", inputs=[], outputs=16), layer("3x3sep", "1x1", outputs=16))
    network = small(*layers, channels=16, classification_cell=classifier(10, inputs=16))
    model = build_model(network, (8, 8, 1), branch_dropout=0.0)
    digits = load_dataset("digits")
    images = standardize(digits.train_images)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.02), loss)
    model.fit(images, digits.train_labels, batch_size=64, epochs=6, verbose=0)
    for norm in batch_normalizations(model):
        norm.momentum = 0.0  # take the statistics of the next batch, which is all images
    with batch_statistics(model):
        model(images, training=False)
    return model

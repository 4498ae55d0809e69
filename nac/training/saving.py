"""The trained network as a file."""

from pathlib import Path

import keras

from nac.training.steps import Steps
from nac.utils.files import whole_or_not


def inference_model(model: keras.Model) -> keras.Model:
    """Return the network without its auxiliary classifiers: images -> logits."""
    if len(model.outputs) == 1:
        return model
    return keras.Model(model.inputs, model.outputs[0], name=model.name)


def write_model(steps: Steps, path: Path) -> None:
    """Save the network as it was last evaluated, with averaged weights and calibrated batch norms.

    Training leaves the moving statistics of batch norms as the evaluation calibrated them.
    """
    with steps.average.in_place(), whole_or_not(path) as partial:
        inference_model(steps.model).save(partial)

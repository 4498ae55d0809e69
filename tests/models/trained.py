"""Networks whose weights are as uneven as those of trained ones."""

import keras
import numpy as np


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

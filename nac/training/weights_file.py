"""The weights of a trained network as a file of arrays, ``weights.npz``."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nac.models.cells import batch_normalizations
from nac.training.steps import Steps
from nac.utils import limits
from nac.utils.arrays import described, read_arrays
from nac.utils.errors import InputError, JobError
from nac.utils.files import write_atomically

VERSION = 1
"""Version of the file; one without counts as this one."""

EXPECTED = "the weights of the network that this training starts from"


@dataclass(frozen=True)
class SavedWeights:
    """The weights of a trained network.

    Attributes:
        path: The file that they were read from.
        arrays: Path of a variable, such as ``layer03/Branch2/conv/kernel`` -> its value.
    """

    path: Path
    arrays: Mapping[str, np.ndarray]

    def get(self, name: str, shape: Sequence[int | None]) -> np.ndarray:
        """Return a weight.

        Args:
            name: Path of the variable.
            shape: Its shape; None stands for any size.

        Raises:
            JobError: The file does not have it, or has it in another shape.
        """
        array = self.arrays.get(name)
        wanted = str(tuple(shape)).replace("None", "any")
        if array is None:
            raise JobError(f"{self.path}: expected {name} of shape {wanted}, received none")
        fits = array.ndim == len(shape) and all(
            size in (None, given) for size, given in zip(shape, array.shape, strict=True)
        )
        if not fits:
            raise JobError(
                f"{self.path}: expected {name} of shape {wanted}, received {array.shape}"
            )
        return array


def write_weights(steps: Steps, path: Path) -> None:
    """Write the averaged weights, and the moving statistics that were calibrated for them.

    Args:
        steps: Steps of the network, after its last evaluation.
        path: The file.
    """
    model, content = steps.model, io.BytesIO()
    norms = batch_normalizations(model)
    moving = [part for norm in norms for part in (norm.moving_mean, norm.moving_variance)]
    with steps.average.in_place():
        weights = [*model.trainable_variables, *moving]
        arrays = {weight.path: weight.numpy() for weight in weights}
        np.savez(content, **arrays, version=np.array(VERSION))
    write_atomically(path, content.getvalue())


def read_weights(path: Path) -> SavedWeights:
    """Read the weights of a trained network.

    Raises:
        JobError: The file is missing or damaged, or holds something else than weights.
    """
    try:
        arrays = read_arrays(path, EXPECTED, _most_bytes(path))
    except InputError as error:
        raise JobError(str(error)) from None
    version = arrays.pop("version", np.array(VERSION))
    if not np.array_equal(version, VERSION):
        raise JobError(f"{path}: version: expected {VERSION}, received {described(version)}")
    for name, array in arrays.items():
        if array.dtype.kind != "f":
            raise JobError(f"{path}: {name}: expected weights, received {described(array)}")
        if not np.isfinite(array).all():
            raise JobError(f"{path}: {name}: expected finite weights, received NaN or infinity")
    return SavedWeights(path, arrays)


def _most_bytes(path: Path) -> int:
    """Return what all arrays of a file may take: it is not packed, so no more than the file."""
    size = path.stat().st_size if path.is_file() else 0
    return min(size, limits.WEIGHTS_BYTES)

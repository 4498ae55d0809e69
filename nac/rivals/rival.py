"""What a rival is: how it searches, what it is asked for and what it returns."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nac.data.images import Images

if TYPE_CHECKING:
    import keras
    import numpy as np


@dataclass(frozen=True)
class Search:
    """What a rival is asked for.

    Attributes:
        images: The data set, with images held out for validation; pixels are from 0 to 1.
        seed: Seed of the search.
        end: When the search must end, on the clock of ``time.monotonic``.
        directory: Directory for its files.
    """

    images: Images
    seed: int
    end: float
    directory: Path


@dataclass(frozen=True)
class Found:
    """What a rival has found.

    Attributes:
        model: The best candidate, compiled, with the weights that the search gave it.
        candidates: Number of candidates that were scored.
        batch_size: Images per training step.
        encode: Turns images, numbers from 0 to 1, and labels into what the model takes.
    """

    model: "keras.Model"
    candidates: int
    batch_size: int
    encode: "Callable[[np.ndarray, np.ndarray], tuple[Any, Any]]" = lambda images, labels: (
        images,
        labels,
    )


@dataclass(frozen=True)
class Rival:
    """A library that searches networks.

    Attributes:
        label: Its name for people.
        packages: Packages that it needs, as they are imported.
        search: Searches until its time is over, in a process of its own, and leaves each candidate
            that it has scored in the directory. If it is late, the process is killed.
        best: Returns the best of these candidates, in another process. Raises LookupError if there
            is none.
    """

    label: str
    packages: tuple[str, ...]
    search: Callable[[Search], None]
    best: Callable[[Search], Found]

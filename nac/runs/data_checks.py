"""Whether an experiment fits its images and this machine, checked before the first job starts.

Nothing is decoded and TensorFlow is not imported, so a mistake is answered at once.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from nac.architecture import fixed_cells
from nac.architecture.network import Architecture
from nac.config import Experiment
from nac.construction.costs import count, featuremap_values
from nac.construction.prior import prior
from nac.construction.width import Limit
from nac.data.datasets import looked_at
from nac.data.source import ImageFacts
from nac.runs.devices import visible_gpus
from nac.runs.memory_saving import NOTHING_SAVED, MemorySaving
from nac.utils.errors import InputError
from nac.utils.text import mebibytes

KEPT_COPIES = 3
"""A training step keeps about so many tensors of the size of each featuremap."""

KEPT_BY_CELLS = 1
"""The same of a step whose cells are computed again."""

BYTES = 4
"""Bytes of a float32 number."""

CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")
"""Where Linux says how much memory a container may use."""


def check_data(
    experiment: Experiment,
    limits: Sequence[Limit] = (),
    data_dir: str | None = None,
    saving: MemorySaving = NOTHING_SAVED,
) -> None:
    """Check that data set, networks, batches and memory fit each other.

    Args:
        experiment: A complete experiment, see :func:`nac.runs.construction.check_construction`.
        limits: What its networks may cost.
        data_dir: Directory of the data set, in place of the experiment's.
        saving: How training steps save memory.

    Raises:
        InputError: The data set is not there; the classifier has another number of outputs than
            the data set has classes; a batch has more images than there are; the images are too
            small for the stages; or a training step needs more memory than there is.
    """
    facts = looked_at(experiment, data_dir)
    if facts is None:  # a data set of a plugin, which only reading it tells about
        return
    _check_classes(experiment, facts)
    _check_batch(experiment, facts)
    settings, stem = experiment.need("envelopenet"), experiment.need("init_cell")
    network = prior(settings, stem, experiment.classifier, limits)
    try:
        count(network, facts.shape)
    except InputError as error:
        raise InputError(f"{experiment.source}: {error}") from None
    _check_memory(experiment, network, facts, saving)


def _check_classes(experiment: Experiment, facts: ImageFacts) -> None:
    outputs = fixed_cells.classes(experiment.classifier or ())
    if facts.classes not in (None, outputs):
        raise InputError(
            f"{experiment.source}: classification_cell: fc-final: outputs: expected"
            f" {facts.classes}, one per class of {experiment.parameters.dataset},"
            f" received {outputs}"
        )


def _check_batch(experiment: Experiment, facts: ImageFacts) -> None:
    size = experiment.parameters.global_batch_size
    if facts.train_examples is not None and size > facts.train_examples:
        raise InputError(
            f"{experiment.source}: parameters.batch_size: expected at most"
            f" {facts.train_examples}, the number of training images, received {size}"
        )


def _check_memory(
    experiment: Experiment, network: Architecture, facts: ImageFacts, saving: MemorySaving
) -> None:
    """Check the memory of the CPU; GPUs say how much they have only to those who use them."""
    if visible_gpus():
        return
    size = experiment.parameters.global_batch_size
    needed = step_bytes(network, facts.shape, size, saving)
    available = memory_bytes()
    if available is not None and needed > available:
        raise InputError(
            f"{experiment.source}: parameters.batch_size: a step of {size} images of"
            f" {facts.shape[1]}x{facts.shape[0]} pixels needs about {mebibytes(needed)} of memory,"
            f" expected at most {mebibytes(available)}, which this machine has;"
            f" {', '.join(saving.advice)}, smaller batches or images, or a stem of larger stride"
            " need less"
        )


def step_bytes(
    network: Architecture,
    shape: tuple[int, int, int],
    batch_size: int,
    saving: MemorySaving = NOTHING_SAVED,
) -> int:
    """Return about how many bytes the featuremaps of a training step need.

    Args:
        network: The network.
        shape: (height, width, channels) of an image.
        batch_size: Images per step, on all devices together.
        saving: How the step saves memory.
    """
    copies = KEPT_COPIES if saving == NOTHING_SAVED else KEPT_BY_CELLS
    return featuremap_values(network, shape) * copies * BYTES * batch_size


def memory_bytes(limit: Path = CONTAINER_LIMIT) -> int | None:
    """Return the memory of this machine or container in bytes, None where it is unknown."""
    known = []
    with suppress(OSError, ValueError):
        known.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    with suppress(OSError, ValueError):  # "max" where there is no limit
        known.append(int(limit.read_text()))
    return min(known, default=None)

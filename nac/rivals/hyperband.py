"""The rival ``keras_tuner``: Hyperband over convolutional networks, as long as the time allows."""

import math
import time

import keras
import keras_tuner
import numpy as np

from nac.data.images import Images
from nac.rivals.convolutional import ConvolutionalSpace
from nac.rivals.end_of_search import EndOfSearch, scored
from nac.rivals.rival import Found, Search

BATCH_SIZE = 64
MEASURED_BATCHES = 20
FEWEST_EPOCHS, MOST_EPOCHS = 3, 100
"""Of the longest training of a candidate."""

FEWEST_IN_ALL = 40
"""Epochs for which there is time in all, at least, unless candidates take longer to start."""

WITHOUT_END = 1_000_000
"""Iterations of Hyperband: the time ends them."""


def search_hyperband(search: Search) -> None:
    """Search by Hyperband until the time is over."""
    images = search.images
    start, batch = start_and_batch_seconds(_space(images), search)
    left = search.end - time.monotonic()
    seconds = epoch_seconds(left, start, batch * len(images.train_labels) / BATCH_SIZE)
    tuner = _tuner(search, longest_training(left / (start + seconds)))
    try:
        tuner.search(
            Samples(images.train_images, images.train_labels, math.ceil(seconds / batch)),
            validation_data=(images.validation_images, images.validation_labels),
            callbacks=[EndOfSearch(tuner.oracle, search.end)],
            verbose=2,
        )
    except keras_tuner.errors.FatalError as reason:
        print(reason)


def best_of_hyperband(search: Search) -> Found:
    """Return the best candidate of a search that has ended.

    Raises:
        LookupError: There is none.
    """
    tuner = _tuner(search, MOST_EPOCHS)  # reads what the search wrote
    (model,) = tuner.get_best_models() or [None]
    if model is None:
        raise LookupError("no candidate was scored")
    return Found(model, scored(tuner.oracle), BATCH_SIZE)


def _space(images: Images) -> ConvolutionalSpace:
    return ConvolutionalSpace(images.image_shape, images.classes)


def _tuner(search: Search, epochs: int) -> keras_tuner.Hyperband:
    return keras_tuner.Hyperband(
        _space(search.images),
        objective="val_accuracy",
        max_epochs=epochs,
        hyperband_iterations=WITHOUT_END,
        seed=search.seed,
        directory=str(search.directory),
        project_name="hyperband",
    )


def longest_training(epochs: float) -> int:
    """Return the epochs of the longest training with which one iteration of Hyperband fits.

    With at most m epochs of a candidate, an iteration takes about m * log3(m)^2 epochs.

    Args:
        epochs: Epochs for which there is time in total.

    Example:
    >>> longest_training(40), longest_training(1000), longest_training(1)
    (9, 69, 3)
    """
    fitting = FEWEST_EPOCHS
    while fitting < MOST_EPOCHS and (fitting + 1) * math.log(fitting + 1, 3) ** 2 <= epochs:
        fitting += 1
    return fitting


def epoch_seconds(left: float, start: float, once: float) -> float:
    """Return how long an epoch of the search takes.

    It need not be one of all images. Where they are few, it would be over in a fraction of the
    seconds that a candidate takes to start, and would tell nothing. Where they are many, too few
    candidates would be tried.

    Args:
        left: Seconds of the search.
        start: Seconds until a candidate trains.
        once: Seconds in which it sees each image once.

    Example:
    >>> epoch_seconds(50, 5.0, 0.5), epoch_seconds(800, 5.0, 60.0), epoch_seconds(8000, 5.0, 60.0)
    (5.0, 20.0, 60.0)
    """
    return max(start, min(once, left / FEWEST_IN_ALL))


def start_and_batch_seconds(space: ConvolutionalSpace, search: Search) -> tuple[float, float]:
    """Return how long the default candidate takes to start, and for a batch."""
    samples = Samples(search.images.train_images, search.images.train_labels, MEASURED_BATCHES)
    model = space.build(keras_tuner.HyperParameters())
    times = [time.monotonic()]
    for _ in range(2):
        model.fit(samples, verbose=0)
        times.append(time.monotonic())
    keras.backend.clear_session()
    first, second = times[1] - times[0], times[2] - times[1]
    return first - second, second / MEASURED_BATCHES


class Samples(keras.utils.PyDataset):
    """Batches of training images in random order, in epochs of any number of batches.

    Args:
        images: Shape (examples, height, width, channels).
        labels: Shape (examples,).
        batches: Number of batches in an epoch. No image is in it twice before all are once.
    """

    def __init__(self, images: np.ndarray, labels: np.ndarray, batches: int):
        super().__init__()
        self._images, self._labels, self._batches = images, labels, batches
        self._generator = np.random.default_rng(0)
        self.on_epoch_end()

    def __len__(self) -> int:
        return self._batches

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = self._order[index * BATCH_SIZE : (index + 1) * BATCH_SIZE]
        return self._images[chosen], self._labels[chosen]

    def on_epoch_end(self) -> None:
        """Draw the order of the next epoch."""
        examples, needed = len(self._labels), self._batches * BATCH_SIZE
        passes = range(math.ceil(needed / examples))
        orders = [self._generator.permutation(examples) for _ in passes]
        self._order = np.concatenate(orders)[:needed]

"""The values of an experiment for a folder of images, each by one rule. Pure functions.

The rules are about time: a training has to see each image so often in the minutes there are, which
leaves so many operations per image, and these decide how large images and networks may be.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from nac.authoring.image_set import ImageSet

Cost = Callable[["Choices"], float]
"""Takes choices, returns the floating-point operations of their first network per image."""

VIEWS = 400_000
"""How many images the full training should see at least, each counted as often as it is seen."""

FEWEST_EPOCHS, MOST_EPOCHS = 30, 200
"""How often it should see each of them: of few images, more views only help up to a point."""

TRAINING_COST = 3
"""A training step computes about three times as much as a prediction."""

FULL_TRAINING = 0.7
"""Share of the minutes that is left for the full training."""

SIDES = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224)
"""Sides in pixels to which images are brought that differ, or that are too large for the time."""

PARAMETERS = tuple(
    digit * power for power in (10_000, 100_000, 1_000_000) for digit in (1, 2, 3, 5, 7)
)[1:11]
"""Numbers of parameters from 20,000 to 1,000,000 among which one is chosen."""

USUAL_PARAMETERS = 100_000
"""Number of parameters by which the side of the images is chosen."""

SIZE_SHARE = 0.5
"""Share of the operations that a network of so many parameters may take: in trials, larger images
that left time for fewer epochs gave less accurate networks."""

LARGEST_FEATUREMAP = 24
"""Largest height and width that the stem should leave: beyond it, each layer takes too long."""

MOST_REDUCTION = 8
"""The stem makes height and width smaller by this factor at most."""

BATCH_SIZES = ((2000, 128), (500, 64), (100, 32), (0, 16))
"""Number of training images from which on a batch has so many of them."""

OFTEN = 100
"""Epochs from which on a training learns its images by heart unless it is kept from that."""

FEW_IMAGES = 5000
"""Below this number of training images, a fifth of them is held out instead of a tenth."""


@dataclass(frozen=True)
class Choices:
    """What an experiment for a folder of images says.

    Attributes:
        minutes: Minutes of the whole run.
        side: Side in pixels to which images are stretched.
        reduction: Factor by which the stem makes height and width smaller: 1, 2, 4 or 8.
        stages: Number of stages.
        parameters: Largest number of parameters of a network.
        batch_size: Images per step.
        validation_share: Share of the training images that is held out, unless the folder has
            validation images of its own.
        flip: Whether training images are mirrored at random.
        epochs: How often the full training sees each image, about.
    """

    minutes: float
    side: int
    reduction: int
    stages: int
    parameters: int
    batch_size: int
    validation_share: float
    flip: bool
    epochs: float = 0.0

    @property
    def sees_often(self) -> bool:
        """Whether a training would learn the images by heart, as there are few for the time."""
        return self.epochs >= OFTEN

    @property
    def featuremap(self) -> int:
        """Height and width of the featuremaps of the first stage."""
        return math.ceil(self.side / self.reduction)


def choose(
    images: ImageSet,
    minutes: float,
    operations_per_second: float,
    cost: Cost,
    image_size: int | None = None,
    parameters: int | None = None,
) -> Choices:
    """Return values that fit images and time.

    Args:
        images: What is known about the images.
        minutes: Minutes of the whole run.
        operations_per_second: About how many floating-point operations per second this machine
            does while it trains.
        cost: What a network costs.
        image_size: The side in pixels, where the user has chosen it.
        parameters: The number of parameters, where the user has chosen it.
    """
    allowed = operations_per_image(images.train, minutes, operations_per_second)

    def choices(side: int, count: int) -> Choices:
        return _choices(images, minutes, side, count)

    def fits(side: int, count: int, share: float = 1.0) -> bool:
        return cost(choices(side, count)) <= share * allowed

    sides = (image_size,) if image_size else possible_sides(images)
    usual = parameters or USUAL_PARAMETERS
    side = _largest(sides, lambda side: fits(side, usual, SIZE_SHARE))
    if parameters is None:
        parameters = _largest(PARAMETERS, lambda count: fits(side, count))
    chosen = choices(side, parameters)
    return replace(chosen, epochs=epochs_of(images.train) * allowed / cost(chosen))


def operations_per_image(images: int, minutes: float, operations_per_second: float) -> float:
    """Return how many operations a prediction may take, if a training sees each image often enough.

    Example:
    >>> operations_per_image(1800, minutes=15, operations_per_second=3.6e10)
    21000000.0
    """
    operations = operations_per_second * 60.0 * minutes * FULL_TRAINING
    return operations / (TRAINING_COST * epochs_of(images) * images)


def epochs_of(images: int) -> float:
    """Return how often a full training should see each of its images.

    Example:
    >>> [epochs_of(images) for images in (500, 4000, 60_000)]
    [200, 100.0, 30]
    """
    return min(MOST_EPOCHS, max(FEWEST_EPOCHS, VIEWS / images))


def possible_sides(images: ImageSet) -> tuple[int, ...]:
    """Return the sides that images may have, from small to large.

    Images that are all alike may keep their size. None is made larger than the median.

    Example:
    >>> pets = ImageSet("folder:pets", "pets", ("cat", "dog"), 90, 10, 0, 60, 80, alike=False)
    >>> possible_sides(pets)
    (32, 40, 48, 56)
    """
    native = min(images.height, images.width)
    smaller = tuple(side for side in SIDES if side < native or (side == native))
    if not smaller or (images.alike and native < SIDES[-1]):
        return (*(side for side in smaller if side < native), native)
    return smaller


def reduction_of(side: int) -> int:
    """Return by which factor the stem reduces images of a side.

    Example:
    >>> [reduction_of(side) for side in (8, 28, 64, 112, 224)]
    [1, 2, 4, 8, 8]
    """
    factor = 1
    while math.ceil(side / factor) > LARGEST_FEATUREMAP and factor < MOST_REDUCTION:
        factor *= 2
    return factor


def stages_of(featuremap: int) -> int:
    """Return the number of stages for featuremaps of a side: the last ones have 3 pixels or more.

    Example:
    >>> [stages_of(side) for side in (4, 8, 14, 28)]
    [1, 2, 3, 3]
    """
    return 3 if featuremap >= 12 else 2 if featuremap >= 6 else 1


def may_be_mirrored(images: ImageSet) -> bool:
    """Return whether a mirror image has the same class, as far as the classes tell.

    It has not where they are digits or letters. Of images in a program whose classes have numbers
    only, gray ones are taken for such.

    Example:
    >>> letters = ImageSet("folder:x", "x", ("a", "b"), 90, 10, 0, 28, 28, alike=True)
    >>> may_be_mirrored(letters)
    False
    """
    if images.named:
        return any(len(name) > 1 for name in images.classes)
    return not images.gray


def _choices(images: ImageSet, minutes: float, side: int, parameters: int) -> Choices:
    reduction = reduction_of(side)
    share = 0.1 if images.train >= FEW_IMAGES else 0.2
    return Choices(
        minutes=minutes,
        side=side,
        reduction=reduction,
        stages=stages_of(math.ceil(side / reduction)),
        parameters=parameters,
        batch_size=min(
            images.train, next(size for least, size in BATCH_SIZES if images.train >= least)
        ),
        validation_share=share,
        flip=may_be_mirrored(images),
    )


def _largest(values: Sequence[int], fits: Callable[[int], bool]) -> int:
    """Return the largest value that fits, the first if none does."""
    return next((value for value in reversed(values) if fits(value)), values[0])

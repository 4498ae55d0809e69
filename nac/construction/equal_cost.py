"""Networks made by hand in the width at which they cost as much as another network."""

from bisect import bisect_left
from collections.abc import Callable

from nac.architecture.handmade import Handmade
from nac.architecture.operations import Shape
from nac.construction.handmade_costs import handmade_costs
from nac.construction.operation_costs import Costs
from nac.utils.errors import InputError

TOLERANCE = 0.03
"""Largest relative difference of costs that count as equal."""

MEASURES: dict[str, Callable[[Costs], int]] = {
    "parameters": lambda costs: costs.parameters,
    "flops": lambda costs: costs.flops,
}
"""What may be equal -> how a cost is measured."""

STEPS = 10_000
"""Widths are multiples of 1 / STEPS."""


def equal_cost(
    network: str,
    target: int,
    measure: str,
    image_shape: Shape,
    classes: int,
    cutout: int | None = None,
) -> Handmade:
    """Return a network made by hand in the width at which its cost is nearest to a target.

    Args:
        network: A name in :data:`nac.architecture.handmade.NETWORKS`.
        target: The cost to meet.
        measure: One of :data:`MEASURES`.
        image_shape: Shape of the images.
        classes: Number of classes.
        cutout: See :class:`nac.architecture.handmade.Handmade`.

    Raises:
        InputError: No width comes within :data:`TOLERANCE` of the target.

    Example:
    >>> str(equal_cost("resnet", 272_474, "parameters", (32, 32, 3), classes=10))
    'resnet x0.9969'
    """

    def scaled(steps: int) -> Handmade:
        return Handmade(network, steps / STEPS, classes, cutout)

    def cost(steps: int) -> int:
        return MEASURES[measure](handmade_costs(scaled(steps), image_shape))

    upper = _first_not_below(target, cost)
    nearest = min((max(1, upper - 1), upper), key=lambda steps: abs(cost(steps) - target))
    if abs(cost(nearest) - target) > TOLERANCE * target:
        raise InputError(
            f"{network}: expected a width at which it has {target:,} {measure} within"
            f" {TOLERANCE:.0%}; the nearest that it can have is {cost(nearest):,}"
        )
    return scaled(nearest)


def _first_not_below(target: int, cost: Callable[[int], int]) -> int:
    """Return the smallest argument from 1 at which an increasing function reaches a target."""
    upper = 1
    while cost(upper) < target:
        upper *= 2
    return bisect_left(range(upper), target, lo=upper // 2 + 1, key=cost)

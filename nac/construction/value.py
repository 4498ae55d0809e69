"""What branches are worth for what they cost (``envelopenet.per_cost``).

Networks of a budget have equal cost, so a branch takes from all others the width that its
parameters would have given them. A 5x5 convolution has 25 times the parameters of a 1x1
convolution, while measured strengths rarely differ by a factor of three. So at equal cost, what
matters most about a branch is its price.

* Parameters grow with the square of the width. So the width that a branch takes is in proportion
  to the square root of its parameters, by which its strength is divided.
* Strengths of different layers are not comparable: the last layer of a stage has larger gradients,
  for instance, whatever its branches are worth. So each counts relative to the mean of its layer.
"""

import math
from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def values_for_cost(
    strengths: Mapping[Key, float],
    parameters: Mapping[Key, float],
    layer_of: Callable[[Key], Hashable],
) -> dict[Key, float]:
    """Return how strong each branch is for its cost.

    Args:
        strengths: Branch -> strength by a ranking.
        parameters: Branch -> number of its parameters.
        layer_of: Returns the layer of a branch.

    Example:
    >>> values_for_cost(
    ...     {"1/a": 2.0, "1/b": 4.0, "2/a": 9.0}, {"1/a": 16, "1/b": 64, "2/a": 25},
    ...     lambda key: key[0]
    ... )
    {'1/a': 0.16666666666666666, '1/b': 0.16666666666666666, '2/a': 0.2}
    """
    by_layer: dict[Hashable, list[float]] = {}
    for key, strength in strengths.items():
        by_layer.setdefault(layer_of(key), []).append(strength)
    means = {layer: sum(values) / len(values) for layer, values in by_layer.items()}
    return {
        # A layer whose branches all have strength zero has nothing to compare.
        key: strength / (means[layer_of(key)] or 1.0) / width_taken(parameters[key])
        for key, strength in strengths.items()
    }


def width_taken(parameters: float) -> float:
    """Return a number in proportion to the width that a branch takes from all others."""
    return math.sqrt(max(1.0, parameters))

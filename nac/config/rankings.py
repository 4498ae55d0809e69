"""The rankings of branches: what "weak" means when branches are pruned. Pure Python.

A new ranking is a row in :data:`RANKINGS` whose name is a key of each branch's entry in the
``featuremaps`` of ``statistics.json``; one training measures all of them, so that any can be
replayed on it.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ranking:
    """One way to rank branches; the weakest have the smallest strength.

    Attributes:
        about: what it is, one line.
        minimum: the smallest value that an entry can have, None if there is no such limit.
        strength: the strength of a branch with a given value.
    """

    about: str
    minimum: float | None = 0.0
    strength: Callable[[float], float] = float


DEFAULT = "mean_square"
"""AMLA's, and the paper's, metric."""

BRANCH_GATE = "branch_gate"
"""The ranking that only networks with branch gates have."""

RANKINGS: dict[str, Ranking] = {
    DEFAULT: Ranking("mean of x² after ReLU, the metric of the paper and of AMLA"),
    "mean_square_before_norm": Ranking("mean of x² of the convolution's output, before batch norm"),
    "mean_square_by_kernel_area": Ranking(
        "mean_square_before_norm over the height times the width of the branch's kernel"
    ),
    "variance": Ranking("variance of x after ReLU"),
    "mean": Ranking("mean of x after ReLU"),
    "nonzero": Ranking("share of the values that are not zero after ReLU"),
    "taylor": Ranking("|gate * gradient| of a constant gate of one on the branch, mean over steps"),
    BRANCH_GATE: Ranking("size of the branch's learned gate (parameters.branch_gates)", None, abs),
    "weight_norm": Ranking("l2 norm of the branch's convolution kernels"),
    "parameters": Ranking("number of trainable parameters of the branch"),
    "random": Ranking("a random number, which depends on seed, layer and branch alone"),
}
"""Name of a ranking, as in ``envelopenet.ranking`` -> what it is."""


def random_strength(seed: int, layer: int, branch: str) -> float:
    """Return the number in [0, 1) by which ``random`` ranks a branch."""
    return random.Random(f"{seed}/{layer}/{branch}").random()

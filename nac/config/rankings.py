"""The rankings of branches: which number says how strong a branch is. Pure Python.

A ranking is computed from a branch's entry in ``statistics.json``. One training measures all the
values of an entry, so that any ranking can be replayed on it afterwards.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nac.utils.registry import Registry

Entry = Mapping[str, float]
"""What was measured of a branch: the name of a value -> the value."""


@dataclass(frozen=True)
class Ranking:
    """One way to rank branches. The weakest have the smallest strength and are pruned first.

    Attributes:
        about: One line that says what it is.
        strength: Returns the strength of a branch from its entry. A ``KeyError`` means that the
            training did not measure a value that the ranking needs.
        needs: What a training must be asked for so that the value is there, empty if nothing.
        minimum: The smallest strength that can be right, None if there is no such limit.

    Example:
    >>> per_weight = Ranking("taylor per parameter", lambda e: e["taylor"] / e["parameters"])
    >>> per_weight.strength({"taylor": 6.0, "parameters": 3})
    2.0
    """

    about: str
    strength: Callable[[Entry], float]
    needs: str = ""
    minimum: float | None = None


def _value(name: str, about: str) -> Ranking:
    return Ranking(about, lambda entry: entry[name], minimum=0.0)


DEFAULT = "mean_square"
"""The metric of the paper and of AMLA."""

EQUAL = "equal"
"""The ranking without an order: only costs decide (``envelopenet.per_cost``)."""

BRANCH_GATE = "branch_gate"
"""The ranking that only networks with branch gates have."""

RANKINGS: Registry[Ranking] = Registry(
    "ranking",
    {
        DEFAULT: _value(DEFAULT, "mean of x² after ReLU, the metric of the paper and of AMLA"),
        "mean_square_before_norm": _value(
            "mean_square_before_norm", "mean of x² of the convolution's output, before batch norm"
        ),
        "mean_square_by_kernel_area": _value(
            "mean_square_by_kernel_area",
            "mean_square_before_norm over the height times the width of the branch's kernel",
        ),
        "variance": _value("variance", "variance of x after ReLU"),
        "mean": _value("mean", "mean of x after ReLU"),
        "nonzero": _value("nonzero", "share of the values that are not zero after ReLU"),
        "taylor": _value(
            "taylor", "|gate * gradient| of a constant gate of one on the branch, mean over steps"
        ),
        BRANCH_GATE: Ranking(
            "size of the branch's learned gate (parameters.branch_gates)",
            lambda entry: abs(entry[BRANCH_GATE]),
            needs="parameters.branch_gates: true",
        ),
        "weight_norm": _value("weight_norm", "l2 norm of the branch's convolution kernels"),
        "parameters": _value("parameters", "number of trainable parameters of the branch"),
        EQUAL: Ranking("one for all branches, so that only costs decide", lambda entry: 1.0),
        "random": _value("random", "a random number, a function of seed, layer and branch"),
    },
)
"""Name of a ranking, as in ``envelopenet.ranking`` -> the ranking."""


def random_strength(seed: int, layer: int, branch: str) -> float:
    """Return the number in [0, 1) by which ``random`` ranks a branch."""
    return random.Random(f"{seed}/{layer}/{branch}").random()

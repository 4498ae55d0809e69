"""Which branches and which skip connections go (paper, Algorithm 1). AMLA: generate.py."""

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import TypeVar

Source = TypeVar("Source", bound=Hashable)


def prune_limit(branches: int, max_filter_prune: int) -> int:
    """Return how many branches of a stage may go: a third, capped, but at least one."""
    return max(1, min(max_filter_prune, branches // 3))


def branches_to_prune(
    metrics: Mapping[tuple[int, str], float], limit: int, strongest_first: bool = False
) -> list[tuple[int, str]]:
    """Return the branches of one stage that go, in the order in which they are chosen.

    The last branch of a layer never goes. Among equal metrics the branch that stands first in
    ``metrics`` goes first, also with ``strongest_first``.

    Args:
        metrics: (layer, branch) -> metric for every branch of the stage, by layer and name.
        limit: how many may go.
        strongest_first: prune the strongest instead of the weakest, the paper's worst case.
    """
    sign = -1.0 if strongest_first else 1.0
    remaining = Counter(layer for layer, _ in metrics)
    pruned: list[tuple[int, str]] = []
    for layer, branch in sorted(metrics, key=lambda key: sign * metrics[key]):
        if len(pruned) == limit:
            break
        if remaining[layer] > 1:
            remaining[layer] -= 1
            pruned.append((layer, branch))
    return pruned


def skips_to_keep(gates: Mapping[Source, float]) -> list[Source]:
    """Return the sources of one layer that stay: the larger half by signed gate, rounded up.

    Args:
        gates: source -> gate, in the order in which the layer lists its sources.

    Returns:
        the kept sources by falling gate; among equal gates the one listed first ranks first.
    """
    ranked = sorted(gates, key=lambda source: -gates[source])
    return ranked[: (len(ranked) + 1) // 2]

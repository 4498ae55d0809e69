"""The networks that a constructed one is compared with (paper, section 4, Figure 3)."""

import math
import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from itertools import accumulate
from math import comb

from nac.architecture.fixed_cells import FixedCell
from nac.architecture.network import Architecture, BranchLayer, Layer, Widener
from nac.config.envelopenet import EnvelopeNet
from nac.config.policies import DEFAULT, TOURNAMENT
from nac.construction.channels import check_stages
from nac.construction.equal_cost import TOLERANCE
from nac.construction.prior import dense_sources
from nac.construction.width import Limit, sized
from nac.utils.errors import InputError

SKIPS = ("random", "constructed", "all", "none")
"""Ways to choose the skip connections of a random network, see :func:`random_network`."""

DRAWS = 100
"""Random networks that are drawn at most to find one of equal cost."""

REFERENCE_LAYERS = 6
"""Layers per stage of the reference network, as in a ResNet-20."""


@cache
def ways(layers: int, blocks: int, branches: int) -> int:
    """Return the number of ways to distribute blocks over layers, at least one block per layer.

    Args:
        layers: Number of layers; their order matters.
        blocks: Number of blocks in all layers together.
        branches: Branches of an envelope cell; each layer has a non-empty subset of them.
    """
    if layers == 0:
        return int(blocks == 0)
    counts = range(1, min(branches, blocks) + 1)
    return sum(comb(branches, n) * ways(layers - 1, blocks - n, branches) for n in counts)


def random_layers(
    layers: int, blocks: int, branches: int, generator: random.Random
) -> list[list[int]]:
    """Return a random subset of the branches for each layer, uniform over all choices.

    Drawing each layer independently would not be uniform under the condition on the total. So the
    number of blocks of a layer is drawn with weights: each number counts as many times as there are
    ways to choose this layer and all later ones.

    Args:
        layers: Number of layers.
        blocks: Number of blocks in all of them together.
        branches: Number of branches of an envelope cell.
        generator: The source of randomness.

    Returns:
        The indices of each layer's branches in the envelope cell, in increasing order.

    Raises:
        InputError: These layers cannot have this number of blocks.
    """
    if not ways(layers, blocks, branches):
        raise InputError(
            f"architecture: expected {layers} to {layers * branches} blocks in a stage of {layers}"
            f" layers with 1 to {branches} each, received {blocks}"
        )
    chosen = []
    for following in reversed(range(layers)):
        count = _random_count(following, blocks, branches, generator)
        chosen.append(sorted(generator.sample(range(branches), count)))
        blocks -= count
    return chosen


def _random_count(following: int, blocks: int, branches: int, generator: random.Random) -> int:
    """Return the number of blocks of one layer, weighted by the number of ways to continue."""
    counts = range(1, min(branches, blocks) + 1)
    weights = [comb(branches, n) * ways(following, blocks - n, branches) for n in counts]
    ticket = generator.randrange(sum(weights))
    return counts[bisect_right(list(accumulate(weights)), ticket)]


def random_network(
    constructed: Architecture,
    settings: EnvelopeNet,
    generator: random.Random,
    skips: str = "random",
    limits: Sequence[Limit] = (),
) -> Architecture:
    """Return a random network that is equivalent to a constructed one (paper, section 4).

    Each of its stages has as many layers and as many blocks as the constructed one, each layer has
    at least one block, and the blocks are those of the envelope cell. All such networks are equally
    likely. Channels follow the rule of construction. Stages that construction leaves alone are
    drawn at random, too.

    Args:
        constructed: The network to match; it is not changed.
        settings: The envelope cell and the rule for channels.
        generator: The source of randomness; the same state gives the same network.
        skips: The sources of each layer that has skip machinery. "random": as many as in the
            constructed network, drawn from all layers before its predecessor except the stem.
            "constructed": the same sources. "all": all of these layers. "none": no layer has skip
            machinery. A layer without skip machinery gets none in any case.
        limits: What the network may cost, see :func:`nac.construction.width.sized`.

    Raises:
        InputError: ``skips`` is unknown, or these settings do not lead to such a network.
    """
    if skips not in SKIPS:
        raise InputError(f"skips: expected one of {', '.join(SKIPS)}, received {skips!r}")
    check_stages(constructed, settings)
    network: list[Layer] = list(constructed.network)
    layers = dict(constructed.branch_layers())
    for stage in constructed.stages:
        blocks = sum(len(layers[index].branches) for index in stage)
        subsets = random_layers(len(stage), blocks, len(settings.envelopecell), generator)
        for index, subset in zip(stage, subsets, strict=True):
            branches = tuple(settings.envelopecell[number] for number in subset)
            inputs = _inputs(constructed, index, skips, generator)
            network[index - 1] = BranchLayer(branches, len(branches), inputs)
    return sized(replace(constructed, network=tuple(network)), settings, limits)


def shuffled_network(
    constructed: Architecture,
    settings: EnvelopeNet,
    generator: random.Random,
    limits: Sequence[Limit] = (),
) -> Architecture:
    """Return the constructed network with other branches: as many in each layer, drawn at random.

    It tells whether it matters which branches construction keeps, or only how many in each layer.
    Skip connections stay.

    Args:
        constructed: The network to shuffle; it is not changed.
        settings: The envelope cell and the rule for channels.
        generator: The source of randomness; the same state gives the same network.
        limits: What the network may cost, see :func:`nac.construction.width.sized`.

    Raises:
        InputError: These settings do not lead to such a network.
    """
    check_stages(constructed, settings)
    network: list[Layer] = list(constructed.network)
    for index, layer in constructed.branch_layers():
        numbers = range(len(settings.envelopecell))
        drawn = sorted(generator.sample(numbers, len(layer.branches)))
        branches = tuple(settings.envelopecell[number] for number in drawn)
        network[index - 1] = replace(layer, branches=branches)
    return sized(replace(constructed, network=tuple(network)), settings, limits)


def of_equal_cost(
    draw: Callable[[], Architecture],
    constructed: Architecture,
    costs: Sequence[Callable[[Architecture], float]],
) -> Architecture:
    """Return the first drawn network that costs as much as the constructed one, within 3%.

    A budget makes networks equal in one cost, which leaves the others open. What is drawn remains
    uniform over the networks of equal cost. Of many draws without such a network, the one that
    comes closest is returned.

    Args:
        draw: Draws a network.
        constructed: The network whose costs count.
        costs: The costs that are to be equal; none accepts the first network.
    """
    targets = [cost(constructed) for cost in costs]

    def gap(network: Architecture) -> float:
        pairs = zip(costs, targets, strict=True)
        return max((abs(cost(network) - target) / target for cost, target in pairs), default=0.0)

    closest, least = None, math.inf
    for _ in range(DRAWS):
        network = draw()
        if (found := gap(network)) < least:
            closest, least = network, found
        if least <= TOLERANCE:
            break
    assert closest is not None
    return closest


def _inputs(
    constructed: Architecture, index: int, skips: str, generator: random.Random
) -> tuple[int, ...] | None:
    sources = constructed.sources(index)
    if sources is None or skips == "none":
        return None
    allowed = dense_sources(index)
    if skips == "random":
        number = min(len(sources), len(allowed))
        return tuple(sorted(generator.sample(allowed, number), reverse=True))
    return sources if skips == "constructed" else allowed


def worst_case_policy(settings: EnvelopeNet) -> EnvelopeNet:
    """Return the settings of the paper's worst case: it prunes the strongest branches, no skips.

    There is no worst of several proposals, so a tournament is left out. Like all trainings of a
    comparison, those of the worst case start from scratch.
    """
    policy = DEFAULT if settings.policy == TOURNAMENT else settings.policy
    return replace(settings, worst_case=True, prune_skips=False, policy=policy, inherit=False)


def reference_network(
    settings: EnvelopeNet,
    stem: FixedCell,
    classifier: FixedCell | None,
    limits: Sequence[Limit] = (),
) -> Architecture:
    """Return a hand-made network in the manner of ResNet-20, built from the same layers.

    Each stage has six layers of one 3x3 convolution, in three pairs. A skip connection bypasses
    each pair: it goes from the input of the pair to the layer after it. It is gated and
    concatenated, where ResNet adds. In a stage that begins with layer f, two of them go from f-1
    to f+2 and from f+1 to f+4. The third, from f+3, ends in the first layer of the next stage,
    because the widener between them takes no second input; the last stage lacks it. Other layers
    have no skip machinery. Channels are the targets of the stages, without parameter limits.

    Args:
        settings: The number of stages.
        stem: The first cell.
        classifier: The last cell.
        limits: What the network may cost.
    """
    network: list[Layer] = []
    for stage in range(settings.stages):
        network += [Widener()] if stage else []
        for position in range(REFERENCE_LAYERS):
            index = len(network) + 1
            inputs = _around_pair(index, position, stage)
            network.append(BranchLayer((("Branch1", "3x3"),), 1, inputs))
    unlimited = replace(settings, parameter_limits=(False,) * settings.stages)
    return sized(Architecture(tuple(network), stem, classifier), unlimited, limits)


def _around_pair(index: int, position: int, stage: int) -> tuple[int, ...] | None:
    """Return the layer that entered the pair before this one, None if no pair precedes it."""
    if position % 2 or (position == 0 and stage == 0):
        return None
    return (index - 3,) if position else (index - 4,)

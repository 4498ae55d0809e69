"""Networks that a constructed one is compared with (paper, section 4, Figure 3)."""

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import accumulate
from math import comb

from nac.architecture.fixed_cells import FixedCell
from nac.architecture.network import Architecture, BranchLayer, Layer, Widener
from nac.config.values import EnvelopeNet
from nac.construction.prior import check_stages, dense_sources, with_channels
from nac.utils.errors import InputError

SKIPS = ("random", "constructed", "all", "none")
"""What the skip connections of a random network may be, see :func:`random_network`."""

REFERENCE_LAYERS = 6
"""Layers per stage of the reference network, as in a ResNet-20."""


@cache
def ways(layers: int, blocks: int, branches: int) -> int:
    """Return in how many ways layers can have so many blocks in all, each at least one.

    Args:
        layers: number of layers, told apart by their place.
        blocks: their blocks together.
        branches: of an envelope cell; a layer is a non-empty subset of them.
    """
    if layers == 0:
        return int(blocks == 0)
    counts = range(1, min(branches, blocks) + 1)
    return sum(comb(branches, n) * ways(layers - 1, blocks - n, branches) for n in counts)


def random_layers(
    layers: int, blocks: int, branches: int, generator: random.Random
) -> list[list[int]]:
    """Return a random subset of the branches for each layer, all choices equally likely.

    Args:
        layers: number of layers.
        blocks: number of blocks in all of them together.
        branches: of an envelope cell.
        generator: the source of chance.

    Returns:
        per layer, the places of its branches in the envelope cell, rising.

    Raises:
        InputError: so many layers cannot have so many blocks.
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
    """Return the blocks of one layer, each number as likely as there are ways to go on with it."""
    counts = range(1, min(branches, blocks) + 1)
    weights = [comb(branches, n) * ways(following, blocks - n, branches) for n in counts]
    ticket = generator.randrange(sum(weights))
    return counts[bisect_right(list(accumulate(weights)), ticket)]


def random_network(
    constructed: Architecture,
    policy: EnvelopeNet,
    generator: random.Random,
    skips: str = "random",
) -> Architecture:
    """Return a random network equivalent to a constructed one (paper, section 4).

    Each stage has the same number of layers and of blocks, each layer at least one block, and
    blocks are those of the envelope cell; of all such networks each is equally likely. Channels
    follow the rule of construction. That holds for stages that construction leaves alone, too.

    Args:
        constructed: the network to be equivalent to; it is not changed.
        policy: envelope cell and rule for channels.
        generator: the source of chance; the same state gives the same network.
        skips: sources of each layer that has skip machinery: "random", as many as in the
            constructed network, drawn from all layers before its predecessor but the stem,
            nearest first; "constructed", the same sources; "all" of those layers; "none", no
            skip machinery in any layer. A layer without skip machinery gets none.

    Raises:
        InputError: an unknown ``skips``, or a network that this policy does not lead to.
    """
    if skips not in SKIPS:
        raise InputError(f"skips: expected one of {', '.join(SKIPS)}, received {skips!r}")
    check_stages(constructed, policy)
    network: list[Layer] = list(constructed.network)
    for stage in constructed.stages:
        blocks = sum(len(network[index - 1].branches) for index in stage)
        subsets = random_layers(len(stage), blocks, len(policy.envelopecell), generator)
        for index, places in zip(stage, subsets, strict=True):
            branches = tuple(policy.envelopecell[place] for place in places)
            inputs = _inputs(constructed, index, skips, generator)
            network[index - 1] = BranchLayer(branches, len(branches), inputs)
    return with_channels(replace(constructed, network=tuple(network)), policy)


def _inputs(
    constructed: Architecture, index: int, skips: str, generator: random.Random
) -> Sequence[int] | None:
    sources = constructed.sources(index)
    if sources is None or skips == "none":
        return None
    allowed = dense_sources(index)
    if skips == "random":
        number = min(len(sources), len(allowed))
        return tuple(sorted(generator.sample(allowed, number), reverse=True))
    return sources if skips == "constructed" else allowed


def worst_case_policy(policy: EnvelopeNet) -> EnvelopeNet:
    """Return the policy of the paper's worst case: the strongest branches go, all skips stay."""
    return replace(policy, worst_case=True, prune_skips=False)


def reference_network(
    policy: EnvelopeNet, stem: FixedCell, classifier: FixedCell | None
) -> Architecture:
    """Return a network made by hand, after ResNet-20, from what macro networks have.

    Each stage is six layers of one 3x3 convolution, in three pairs. Around each pair goes a skip
    connection, from what enters the pair to the layer behind it; it is gated and concatenated,
    where ResNet adds. In a stage whose first layer is f these are f-1 to f+2 and f+1 to f+4. The
    one around the third pair, f+3, ends in the first layer of the next stage (the widener between
    takes no second input), and is not there in the last stage. Other layers have no skip
    machinery. Channels are the targets of the stages, without parameter limits.

    Args:
        policy: number of stages.
        stem: first cell.
        classifier: last cell.
    """
    network: list[Layer] = []
    for stage in range(policy.stages):
        network += [Widener()] if stage else []
        for place in range(REFERENCE_LAYERS):
            index = len(network) + 1
            inputs = _around_pair(index, place, stage)
            network.append(BranchLayer((("Branch1", "3x3"),), 1, inputs))
    unlimited = replace(policy, parameter_limits=(False,) * policy.stages)
    return with_channels(Architecture(tuple(network), stem, classifier), unlimited)


def _around_pair(index: int, place: int, stage: int) -> tuple[int, ...] | None:
    """Return what entered the pair before this layer, if the layer follows a pair."""
    if place % 2 or (place == 0 and stage == 0):
        return None
    return (index - 3,) if place else (index - 4,)

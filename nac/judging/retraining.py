"""Which branches networks are trained without, and these networks. Pure Python."""

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, islice, zip_longest

from nac.architecture.network import Architecture, BranchLayer, Layer
from nac.config.envelopenet import EnvelopeNet
from nac.construction.policies import WeakestFirst
from nac.construction.width import Limit, sized
from nac.utils.errors import InputError

Key = tuple[int, str]
"""(layer index, branch name)."""


def networks_without(
    architecture: Architecture,
    settings: EnvelopeNet,
    limits: Sequence[Limit] = (),
    count: int | None = None,
) -> dict[Key, Architecture]:
    """Return the networks that lack one branch: this branch -> network.

    Args:
        architecture: The network of an iteration.
        settings: The ``envelopenet`` section of its run.
        limits: What networks may cost, see :func:`nac.construction.width.sized`.
        count: Size of the sample of :func:`drawn`, None for all branches that can be removed.

    Raises:
        InputError: No branch can be removed, or no width of a network without one meets the limits.
    """
    if not removable(architecture):
        raise InputError(
            "--retrain: expected an iteration with two or more branches in some layer, as the last"
            f" one stays, received {architecture.notation}"
        )
    keys = removable(architecture) if count is None else drawn(architecture, settings, count)
    if not keys:
        raise InputError(
            "--branches: expected an iteration after which construction prunes branches, received"
            f" {architecture.notation}, of which it prunes none; without --branches all are judged"
        )
    return {key: without_branch(architecture, key, settings, limits) for key in keys}


def removable(architecture: Architecture) -> list[Key]:
    """Return the branches that can be removed: all but those that are alone in their layer."""
    layers = [pair for pair in architecture.branch_layers() if len(pair[1].branches) > 1]
    return [(index, name) for index, layer in layers for name, _ in layer.branches]


def drawn(architecture: Architecture, settings: EnvelopeNet, count: int) -> list[Key]:
    """Return a sample of the branches that can be removed, evenly over the stages.

    Only stages take part that construction prunes after the iteration. A larger sample contains
    the smaller ones, so that it only adds trainings.

    Args:
        architecture: The network of the iteration.
        settings: The ``envelopenet`` section of its run.
        count: Size of the sample; if there are fewer branches, it is all of them.

    Returns:
        The sample in the order of the architecture.
    """
    keys, policy = removable(architecture), WeakestFirst(settings)
    mixed = []
    for number, stage in enumerate(architecture.stages):
        if policy.prunes(number, len(stage)):
            inside = [key for key in keys if key[0] in stage]
            mixed.append(random.Random(number).sample(inside, len(inside)))
    in_turn = filter(None, chain.from_iterable(zip_longest(*mixed)))
    sample = set(islice(in_turn, count))
    return [key for key in keys if key in sample]


def without_branch(
    architecture: Architecture, key: Key, settings: EnvelopeNet, limits: Sequence[Limit] = ()
) -> Architecture:
    """Return the network without a branch, as wide as construction would make it.

    Args:
        architecture: The network of an iteration.
        key: The branch; it is not alone in its layer.
        settings: The rule for channels.
        limits: What the network may cost, see :func:`nac.construction.width.sized`.

    Raises:
        InputError: The network does not fit the settings, or no width meets the limits.
    """
    index, branch = key
    layer = architecture.layer(index)
    assert isinstance(layer, BranchLayer)  # no other layer has branches
    network: list[Layer] = list(architecture.network)
    rest = tuple(pair for pair in layer.branches if pair[0] != branch)
    network[index - 1] = replace(layer, branches=rest)
    return sized(replace(architecture, network=tuple(network)), settings, limits)

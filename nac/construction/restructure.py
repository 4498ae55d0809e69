"""One iteration of construction: prune branches, prune skips, grow. Pure functions.

:func:`decide` asks the policy what is to happen and :func:`apply` does it. They are two functions
so that a caller can show the decisions with their reasons, and replay or change them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from nac.architecture.network import Architecture, BranchLayer, Layer, Widener
from nac.config.envelopenet import EnvelopeNet
from nac.config.policies import POLICIES
from nac.construction.channels import check_stages
from nac.construction.decisions import Decisions
from nac.construction.policies import Policy
from nac.construction.prior import envelope_cell
from nac.construction.statistics import Statistics
from nac.construction.width import Limit, sized
from nac.utils.errors import InputError


def decide(architecture: Architecture, statistics: Statistics, settings: EnvelopeNet) -> Decisions:
    """Return what ``envelopenet.policy`` decides about a trained network.

    Raises:
        InputError: The network does not have the stages of the settings, the policy is unknown, or
            it prunes all branches of a layer.
    """
    check_stages(architecture, settings)
    decisions = policy_of(settings).decide(architecture, statistics)
    _check_layers(architecture, decisions, settings)
    return decisions


def propose(
    architecture: Architecture,
    measured: Callable[[str], Statistics],
    settings: EnvelopeNet,
    resting: Mapping[int, str] = MappingProxyType({}),
) -> dict[str, Decisions]:
    """Return what ``envelopenet.policy`` proposes to do with a trained network.

    Args:
        architecture: The network.
        measured: Returns what was measured of it, with the strength of branches by a ranking.
        settings: The ``envelopenet`` section of the experiment.
        resting: Stages that do not grow now, see :mod:`nac.construction.growth`.

    Returns:
        Name of each proposal -> its decisions. Most policies have one proposal.

    Raises:
        InputError: See :func:`decide`.
    """
    check_stages(architecture, settings)
    policy = policy_of(settings)
    policy.resting = resting
    proposals = policy.proposals(architecture, measured)
    for decisions in proposals.values():
        _check_layers(architecture, decisions, settings)
    return proposals


def _check_layers(architecture: Architecture, decisions: Decisions, settings: EnvelopeNet) -> None:
    pruned = set(decisions.pruned)
    for index, layer in architecture.branch_layers():
        if {(index, name) for name, _ in layer.branches} <= pruned:
            raise InputError(
                f"envelopenet.policy: {settings.policy} prunes all branches of layer {index};"
                " expected it to keep at least one"
            )


def policy_of(settings: EnvelopeNet) -> Policy:
    """Return the policy that ``envelopenet.policy`` names.

    Raises:
        InputError: It is unknown.
    """
    POLICIES.check(settings.policy, "envelopenet.policy")
    policy: Policy = POLICIES[settings.policy](settings)
    return policy


def apply(
    architecture: Architecture,
    decisions: Decisions,
    settings: EnvelopeNet,
    limits: Sequence[Limit] = (),
) -> Architecture:
    """Return the next network (paper, Algorithm 1; AMLA, generate.py). The given one stays as is.

    Args:
        architecture: The network that was trained, with its stem.
        decisions: What is to be pruned and where it grows.
        settings: The envelope cell, and the rule for channels.
        limits: What the next network may cost, see :func:`nac.construction.width.sized`.

    Raises:
        InputError: No network of this form meets the limits, or its stem is too narrow.
    """
    # Copy the layers without the pruned branches. All layers behind a new cell move: new_index says
    # where each one is now.
    origins = layers_after(architecture, decisions.grown)
    network: list[Layer] = [
        envelope_cell(settings, index)
        if origin is None
        else _without_pruned(architecture.layer(origin), origin, decisions)
        for index, origin in enumerate(origins, start=1)
    ]
    new_index = {origin: index for index, origin in enumerate(origins, start=1)}
    new_index[0] = 0  # the stem has index 0 before and after
    added = [index for index, origin in enumerate(origins, start=1) if origin is None]

    # Rewire. The kept skip connections follow their layers to the new indices. Each layer behind a
    # new cell also sees that cell, so that the next training can learn whether it is of use there.
    for index, kept in decisions.kept_skips.items():
        destination = new_index[index]
        sources = [new_index[source] for source in kept]
        sources += [cell for cell in added if cell < destination]
        layer = network[destination - 1]
        assert isinstance(layer, BranchLayer)  # no other layer has gates
        network[destination - 1] = replace(layer, inputs=tuple(sources))

    # Channels depend on the number of layers of a stage, so they come last.
    return sized(replace(architecture, network=tuple(network)), settings, limits)


def layers_after(architecture: Architecture, grown: Collection[int]) -> tuple[int | None, ...]:
    """Return for each layer of the next network its index before, None for a new cell.

    A new cell comes at the end of its stage, that is before the widener.

    Args:
        architecture: The network before.
        grown: Numbers, from 0, of the stages that get a new cell.
    """
    layers: list[int | None] = []
    stage = 0
    for index, layer in enumerate(architecture.network, start=1):
        if isinstance(layer, Widener):
            layers += [None] if stage in grown else []
            stage += 1
        layers.append(index)
    layers += [None] if stage in grown else []
    return tuple(layers)


def _without_pruned(layer: Layer, index: int, decisions: Decisions) -> Layer:
    if not isinstance(layer, BranchLayer):
        return layer
    branches = tuple(
        (name, block) for name, block in layer.branches if (index, name) not in decisions.pruned
    )
    return replace(layer, branches=branches)


def restructure(
    architecture: Architecture,
    statistics: Statistics,
    settings: EnvelopeNet,
    limits: Sequence[Limit] = (),
) -> Architecture:
    """Return the network of the next iteration (paper, Algorithm 1).

    Args:
        architecture: The network that was trained; it needs its stem (for the channels).
        statistics: Its strength per branch and gate per skip connection.
        settings: The ``envelopenet`` section of the experiment.
        limits: What the next network may cost.

    Raises:
        InputError: The network does not fit the settings, or no width meets the limits.
    """
    return apply(architecture, decide(architecture, statistics, settings), settings, limits)

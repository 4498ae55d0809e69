"""One iteration of construction: prune branches, prune skips, grow. Pure functions.

:func:`decide` looks at the measurements and says what is to happen, :func:`apply` does it;
:func:`restructure` is both. The split lets a caller show the decisions beside their values.
"""

from dataclasses import dataclass, replace

from nac.architecture.network import Architecture, BranchLayer, Layer, Widener
from nac.config.values import EnvelopeNet
from nac.construction.prior import (
    check_stages,
    envelope_cell,
    with_channels,
)
from nac.construction.pruning import branches_to_prune, prune_limit, skips_to_keep
from nac.construction.statistics import Statistics


@dataclass(frozen=True)
class Decisions:
    """What one restructuring does; all layer indices are those before it.

    Attributes:
        pruned: (layer, branch) of each branch that goes, in the order of choice.
        kept_skips: layer -> sources that stay, for each layer that has gates; strongest first, or
            all as listed where skips are not pruned.
        grown: numbers (from 0) of the stages that get a new envelope cell.
    """

    pruned: tuple[tuple[int, str], ...]
    kept_skips: dict[int, tuple[int, ...]]
    grown: tuple[int, ...]

    def pruned_skips(self, architecture: Architecture) -> int:
        """Return how many skip connections of the network go."""
        return len(architecture.skip_connections()) - sum(map(len, self.kept_skips.values()))


def grows(policy: EnvelopeNet, stage: int, layers: int) -> bool:
    """Whether a stage is pruned and gets a new layer: it may, and is below its limit."""
    return policy.construction[stage] and layers < policy.max_layers_per_stage[stage]


def decide(architecture: Architecture, statistics: Statistics, policy: EnvelopeNet) -> Decisions:
    """Decide what goes, what stays and where the network grows.

    Raises:
        InputError: the architecture has not the stages of the policy.
    """
    check_stages(architecture, policy)
    grown = tuple(
        number
        for number, stage in enumerate(architecture.stages)
        if grows(policy, number, len(stage))
    )
    pruned: list[tuple[int, str]] = []
    for number in grown:
        stage = architecture.stages[number]
        metrics = {
            key: statistics.metrics[key] for key in architecture.branches() if key[0] in stage
        }
        limit = prune_limit(len(metrics), policy.max_filter_prune)
        pruned += branches_to_prune(metrics, limit, policy.worst_case)
    return Decisions(tuple(pruned), _kept_skips(architecture, statistics, policy), grown)


def _kept_skips(
    architecture: Architecture, statistics: Statistics, policy: EnvelopeNet
) -> dict[int, tuple[int, ...]]:
    kept = {}
    for index, _ in architecture.branch_layers():
        sources = architecture.sources(index)
        if sources:
            gates = {source: statistics.gates[source, index] for source in sources}
            kept[index] = tuple(skips_to_keep(gates)) if policy.prune_skips else sources
    return kept


def apply(architecture: Architecture, decisions: Decisions, policy: EnvelopeNet) -> Architecture:
    """Return the next architecture; the given one is not changed."""
    network: list[Layer] = []
    new_index = {0: 0}
    added: list[int] = []

    def grow(stage: int) -> None:
        if stage in decisions.grown:
            network.append(envelope_cell(policy, len(network) + 1))
            added.append(len(network))

    stage = 0
    for index, layer in enumerate(architecture.network, start=1):
        if isinstance(layer, Widener):
            grow(stage)
            stage += 1
        network.append(_without_pruned(layer, index, decisions))
        new_index[index] = len(network)
    grow(stage)
    for index, kept in decisions.kept_skips.items():
        position = new_index[index]
        sources = [new_index[source] for source in kept]
        sources += [newcomer for newcomer in added if newcomer < position]
        network[position - 1] = replace(network[position - 1], inputs=tuple(sources))
    return with_channels(replace(architecture, network=tuple(network)), policy)


def _without_pruned(layer: Layer, index: int, decisions: Decisions) -> Layer:
    if not isinstance(layer, BranchLayer):
        return layer
    branches = tuple(
        (name, block) for name, block in layer.branches if (index, name) not in decisions.pruned
    )
    return replace(layer, branches=branches)


def restructure(
    architecture: Architecture, statistics: Statistics, policy: EnvelopeNet
) -> Architecture:
    """Return the network of the next iteration (paper, Algorithm 1).

    Args:
        architecture: the network that was trained; it needs its stem (for the channels).
        statistics: its metric per branch and gate per skip connection.
        policy: the ``envelopenet`` section of the experiment.

    Raises:
        InputError: the architecture does not fit the policy.
    """
    return apply(architecture, decide(architecture, statistics, policy), policy)

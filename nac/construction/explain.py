"""The decisions of one restructuring as tables, with the values that decided them."""

from nac.architecture.keys import gate_key
from nac.architecture.network import Architecture, BranchLayer
from nac.config.values import EnvelopeNet
from nac.construction.pruning import prune_limit
from nac.construction.restructure import Decisions
from nac.construction.statistics import Statistics
from nac.utils.tables import table


def explain(
    architecture: Architecture,
    statistics: Statistics,
    policy: EnvelopeNet,
    decisions: Decisions,
    following: Architecture,
) -> str:
    """Return a text for people: branches, skip connections and growth, stage by stage.

    Args:
        architecture: the network that was measured.
        statistics: its measurements.
        policy: the policy of the construction.
        decisions: what :func:`nac.construction.restructure.decide` made of them.
        following: the network that results.
    """
    parts = [
        _stage(architecture, statistics, policy, decisions, number)
        for number in range(len(architecture.stages))
    ]
    skips = _skips(architecture, statistics, decisions)
    change = f"{architecture.notation} -> {following.notation}"
    parts += [skips, _added(following, decisions), change]
    return "\n\n".join(part for part in parts if part)


def _stage(
    architecture: Architecture,
    statistics: Statistics,
    policy: EnvelopeNet,
    decisions: Decisions,
    number: int,
) -> str:
    stage = architecture.stages[number]
    ranked = sorted(
        (key for key in architecture.branches() if key[0] in stage),
        key=lambda key: statistics.metrics[key],
    )
    growing = number in decisions.grown
    most = policy.max_layers_per_stage[number]
    heading = f"stage {number + 1}: {len(stage)} of at most {most} layers, "
    if growing:
        limit = prune_limit(len(ranked), policy.max_filter_prune)
        gone = sum(key in decisions.pruned for key in ranked)
        heading += f"grows by one envelope cell; {gone} of {len(ranked)} branches pruned"
        heading += f" (at most {limit}{', strongest first' if policy.worst_case else ''})"
    else:
        heading += "not grown, all branches kept"
    rows = [
        [
            str(layer),
            branch,
            _block(architecture, layer, branch),
            f"{statistics.metrics[layer, branch]:.6g}",
            "pruned" if (layer, branch) in decisions.pruned else "kept",
        ]
        for layer, branch in ranked
    ]
    return heading + "\n" + table(["layer", "branch", "block", policy.ranking, ""], rows)


def _block(architecture: Architecture, index: int, branch: str) -> str:
    layer = architecture.layer(index)
    return dict(layer.branches)[branch] if isinstance(layer, BranchLayer) else ""


def _skips(architecture: Architecture, statistics: Statistics, decisions: Decisions) -> str:
    rows = []
    for destination, kept in decisions.kept_skips.items():
        sources = architecture.sources(destination) or ()
        for source in sorted(sources, key=lambda s: -statistics.gates[s, destination]):
            gate = f"{statistics.gates[source, destination]:.6g}"
            fate = "kept" if source in kept else "pruned"
            rows.append([gate_key(source, destination), gate, fate])
    if not rows:
        return ""
    return "skip connections\n" + table(["source-destination", "gate", ""], rows)


def _added(following: Architecture, decisions: Decisions) -> str:
    rows = []
    for number in decisions.grown:
        index = following.stages[number][-1]
        sources = following.sources(index)
        connected = "-" if sources is None else ", ".join(map(str, sources)) or "none"
        layer = following.layer(index)
        outputs = str(layer.outputs) if isinstance(layer, BranchLayer) else ""
        rows.append([str(index), str(number + 1), outputs, connected])
    if not rows:
        return ""
    header = ["layer", "stage", "outputs", "sources (new numbers)"]
    return "envelope cells added\n" + table(header, rows)

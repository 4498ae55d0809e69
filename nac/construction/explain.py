"""The decisions of one restructuring as tables, with their reasons."""

from nac.architecture.keys import gate_key
from nac.architecture.network import Architecture, BranchLayer
from nac.construction.decisions import Decisions, StageDecision
from nac.utils.tables import table


def explain(
    architecture: Architecture, decisions: Decisions, following: Architecture, ranking: str
) -> str:
    """Return a string for people: branches, skip connections and growth, stage by stage.

    Args:
        architecture: The network that was measured.
        decisions: What was decided about it.
        following: The network that results.
        ranking: Name of the ranking that decided, the title of the column of strengths.
    """
    numbered = zip(architecture.stages, decisions.stages, strict=True)
    parts = [
        _stage(number, len(layers), decision, ranking)
        for number, (layers, decision) in enumerate(numbered, start=1)
    ]
    change = f"{architecture.notation} -> {following.notation}"
    parts += [_skips(decisions), _added(following, decisions), change]
    return "\n\n".join(part for part in parts if part)


def _stage(number: int, layers: int, decision: StageDecision, ranking: str) -> str:
    rows = [
        [str(b.layer), b.branch, b.block, f"{b.strength:.6g}", _fate(not b.pruned), b.reason]
        for b in decision.branches
    ]
    heading = (
        f"stage {number}, {layers} layer{'s' * (layers != 1)}: {decision.reason};"
        f" pruned: {len(decision.pruned)}"
    )
    return heading + "\n" + table(["layer", "branch", "block", ranking, "", "reason"], rows)


def _fate(kept: bool) -> str:
    return "kept" if kept else "pruned"


def _skips(decisions: Decisions) -> str:
    rows = [
        [gate_key(skip.source, skip.destination), f"{skip.gate:.6g}", _fate(skip.kept), skip.reason]
        for skip in decisions.skips
    ]
    header = ["source-destination", "gate", "", "reason"]
    return "skip connections\n" + table(header, rows) if rows else ""


def _added(following: Architecture, decisions: Decisions) -> str:
    rows = []
    for number in decisions.grown:
        index = following.stages[number][-1]
        sources = following.sources(index)
        connected = "-" if sources is None else ", ".join(map(str, sources)) or "none"
        layer = following.layer(index)
        outputs = str(layer.outputs) if isinstance(layer, BranchLayer) else ""
        rows.append([str(index), str(number + 1), outputs, connected])
    header = ["layer", "stage", "outputs", "sources (new numbers)"]
    return "envelope cells added\n" + table(header, rows) if rows else ""

"""What was pruned after an iteration, and why, as rows of a report. Pure Python."""

from dataclasses import dataclass

from nac.architecture.network import BranchLayer
from nac.config.values import EnvelopeNet
from nac.construction.pruning import prune_limit
from nac.runs.saved_run import Iteration

Key = tuple[int, str]
"""(layer, branch)."""


@dataclass(frozen=True)
class BranchRow:
    """A branch that went, or stayed although weaker ones of its stage were to go.

    Attributes:
        layer: its index.
        branch: its name.
        block: its convolution block.
        metric: its strength by the ranking of the run.
        place: 1 for the branch of its stage that is first to go.
    """

    layer: int
    branch: str
    block: str
    metric: float
    place: int


@dataclass(frozen=True)
class StageRow:
    """What happened to a stage.

    Attributes:
        number: from 1.
        layers: how many it had.
        most: how many it may have.
        grown: whether branches were pruned and an envelope cell was added.
        branches: how many branches it had.
        limit: how many of them could go.
        pruned: those that went, in the order of choice.
        spared: those that were weak enough, but the last of their layer.
    """

    number: int
    layers: int
    most: int
    grown: bool
    branches: int
    limit: int
    pruned: tuple[BranchRow, ...]
    spared: tuple[BranchRow, ...]


@dataclass(frozen=True)
class SkipRow:
    """The skip connections into one layer: (source, gate) pairs by falling gate."""

    layer: int
    kept: tuple[tuple[int, float], ...]
    pruned: tuple[tuple[int, float], ...]


def stage_rows(iteration: Iteration, policy: EnvelopeNet) -> list[StageRow]:
    """Return what happened to each stage after an iteration."""
    return [_stage_row(iteration, policy, n) for n in range(len(iteration.architecture.stages))]


def _stage_row(iteration: Iteration, policy: EnvelopeNet, number: int) -> StageRow:
    stage = iteration.architecture.stages[number]
    ranked = _ranked(iteration, policy, stage)
    rows = {key: _branch_row(iteration, key, n) for n, key in enumerate(ranked, start=1)}
    gone = [key for key in iteration.decisions.pruned if key in rows]
    last = max((ranked.index(key) for key in gone), default=0)
    return StageRow(
        number=number + 1,
        layers=len(stage),
        most=policy.max_layers_per_stage[number],
        grown=number in iteration.decisions.grown,
        branches=len(ranked),
        limit=prune_limit(len(ranked), policy.max_filter_prune),
        pruned=tuple(rows[key] for key in gone),
        spared=tuple(rows[key] for key in ranked[:last] if key not in gone),
    )


def _ranked(iteration: Iteration, policy: EnvelopeNet, stage: tuple[int, ...]) -> list[Key]:
    """Return the branches of a stage, first to go first."""
    sign = -1.0 if policy.worst_case else 1.0
    branches = [key for key in iteration.architecture.branches() if key[0] in stage]
    return sorted(branches, key=lambda key: sign * iteration.measured.metrics[key])


def _branch_row(iteration: Iteration, key: Key, place: int) -> BranchRow:
    layer = iteration.architecture.layer(key[0])
    blocks = dict(layer.branches) if isinstance(layer, BranchLayer) else {}
    return BranchRow(*key, blocks[key[1]], iteration.measured.metrics[key], place)


def skip_rows(iteration: Iteration) -> list[SkipRow]:
    """Return what happened to the skip connections into each layer that has gates."""
    rows = []
    for layer, kept in iteration.decisions.kept_skips.items():
        gates = {
            s: iteration.measured.gates[s, layer] for s in iteration.architecture.sources(layer)
        }
        ranked = sorted(gates.items(), key=lambda pair: -pair[1])
        rows.append(
            SkipRow(
                layer,
                tuple(pair for pair in ranked if pair[0] in kept),
                tuple(pair for pair in ranked if pair[0] not in kept),
            )
        )
    return rows

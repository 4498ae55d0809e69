"""How the featuremap metrics of an iteration grew apart (as Figure 2 of the paper). Pure Python.

The curves are those of the event files: the mean square of each branch, accumulated from the first
step on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nac.architecture.keys import branch_key
from nac.runs.layout import TRAIN
from nac.runs.saved_run import Iteration
from nac.tensorboard.events import read_scalars
from nac.tensorboard.tags import featuremap_tags
from nac.utils.statistics import kendall_tau

SETTLED = 0.9
"""Kendall's tau from which on a ranking counts as the final one."""


@dataclass(frozen=True)
class BranchCurve:
    """Metric of one branch over the steps.

    Attributes:
        layer: its index.
        name: of the branch.
        block: of the branch.
        pruned: whether it goes after the iteration.
        values: one per step of the stage.
    """

    layer: int
    name: str
    block: str
    pruned: bool
    values: tuple[float, ...]


@dataclass(frozen=True)
class StageRanking:
    """The branches of a stage over the steps of an iteration.

    Attributes:
        stage: number from 1.
        steps: those at which all of its branches were written.
        branches: their curves, by layer and name.
    """

    stage: int
    steps: tuple[int, ...]
    branches: tuple[BranchCurve, ...]

    def agreement(self) -> list[tuple[int, float | None]]:
        """Return (step, Kendall's tau of the ranking at that step with that of the last one)."""
        final = [branch.values[-1] for branch in self.branches]
        return [
            (step, kendall_tau([branch.values[place] for branch in self.branches], final))
            for place, step in enumerate(self.steps)
        ]


def settling_step(agreement: Sequence[tuple[int, float | None]]) -> int | None:
    """Return the first step from which tau stays at SETTLED or above, None if there is none."""
    settled = None
    for step, tau in agreement:
        if tau is None or tau < SETTLED:
            settled = None
        elif settled is None:
            settled = step
    return settled


def rankings(iteration: Iteration) -> list[StageRanking]:
    """Read the curves of an iteration; stages without any are left out."""
    scalars = read_scalars(iteration.directory / TRAIN)
    tags = featuremap_tags(iteration.architecture)
    curves = {key: dict(scalars.get(tag, [])) for key, tag in tags.items()}
    found = []
    for number, stage in enumerate(iteration.architecture.stages, start=1):
        branches = list(_branches(iteration, stage))
        own = [curves[branch_key(layer, name)] for layer, name, _ in branches]
        steps = tuple(sorted(set.intersection(*map(set, own)))) if own else ()
        if steps:
            found.append(StageRanking(number, steps, _with_values(iteration, branches, own, steps)))
    return found


def _branches(iteration: Iteration, stage: Sequence[int]) -> Iterator[tuple[int, str, str]]:
    for index, layer in iteration.architecture.branch_layers():
        if index in stage:
            for name, block in layer.branches:
                yield index, name, block


def _with_values(iteration, branches, curves: list[dict], steps) -> tuple[BranchCurve, ...]:
    pruned = iteration.decisions.pruned
    return tuple(
        BranchCurve(
            layer, name, block, (layer, name) in pruned, tuple(curve[step] for step in steps)
        )
        for (layer, name, block), curve in zip(branches, curves, strict=True)
    )

"""How the strengths of an iteration's branches grew apart (as Figure 2 of the paper). Pure Python.

The curves are those of the event files: the strength of each branch by the ranking that decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from nac.architecture.keys import branch_key
from nac.runs.layout import TRAIN
from nac.runs.saved_run import Iteration
from nac.tensorboard.events import read_scalars
from nac.tensorboard.tags import branch_tags
from nac.utils.statistics import kendall_tau

SETTLED = 0.9
"""A ranking counts as settled while its Kendall's tau with the final one is at least this."""


@dataclass(frozen=True)
class BranchCurve:
    """Strength of one branch over the steps.

    Attributes:
        layer: Index of its layer.
        name: Its name.
        block: Its convolution block.
        pruned: Whether it is pruned after the iteration.
        values: Its strength at each step of the stage.
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
        stage: Number of the stage, from 1.
        steps: The steps at which all of its branches were written.
        branches: Their curves, by layer and name.
    """

    stage: int
    steps: tuple[int, ...]
    branches: tuple[BranchCurve, ...]

    @cached_property
    def agreement(self) -> list[tuple[int, float | None]]:
        """(step, Kendall's tau of the ranking at that step with that of the last one)."""
        final = [branch.values[-1] for branch in self.branches]
        return [
            (step, kendall_tau([branch.values[i] for branch in self.branches], final))
            for i, step in enumerate(self.steps)
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


def stage_rankings(iteration: Iteration, ranking: str) -> list[StageRanking]:
    """Read the curves of an iteration; stages without any are left out.

    Args:
        iteration: The iteration.
        ranking: The ranking whose values are read.
    """
    scalars = read_scalars(iteration.directory / TRAIN)
    tags = branch_tags(iteration.architecture, ranking)
    curves = {key: dict(scalars.get(tag, [])) for key, tag in tags.items()}
    stages = []
    for number, stage in enumerate(iteration.architecture.stages, start=1):
        branches = [branch for branch in iteration.architecture.branches() if branch[0] in stage]
        own = [curves[branch_key(*branch)] for branch in branches]
        steps = tuple(sorted(set.intersection(*map(set, own)))) if own else ()
        if steps:
            rows = zip(branches, own, strict=True)
            values = ((branch, tuple(curve[step] for step in steps)) for branch, curve in rows)
            branch_curves = tuple(_branch_curve(iteration, *each) for each in values)
            stages.append(StageRanking(number, steps, branch_curves))
    return stages


def _branch_curve(
    iteration: Iteration, branch: tuple[int, str], values: tuple[float, ...]
) -> BranchCurve:
    pruned = branch in iteration.decisions.pruned
    return BranchCurve(*branch, iteration.architecture.block(*branch), pruned, values)

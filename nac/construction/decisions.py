"""What one restructuring does to a network, and why. Values only; policies make them."""

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class BranchDecision:
    """Whether a branch is pruned.

    Attributes:
        layer: Index of its layer, before the restructuring.
        branch: Its name, such as ``Branch2``.
        block: Its convolution block, such as ``3x3sep``.
        strength: Its strength by the ranking that decides.
        pruned: Whether it goes.
        reason: Why, for people.
    """

    layer: int
    branch: str
    block: str
    strength: float
    pruned: bool
    reason: str


@dataclass(frozen=True)
class SkipDecision:
    """Whether a skip connection is kept.

    Attributes:
        source: Index of the layer that it comes from, 0 for the stem.
        destination: Index of the layer that it enters.
        gate: Its learned gate.
        kept: Whether it stays.
        reason: Why, for people.
    """

    source: int
    destination: int
    gate: float
    kept: bool
    reason: str


@dataclass(frozen=True)
class StageDecision:
    """What happens to a stage.

    Attributes:
        grows: Whether it gets an envelope cell at its end.
        reason: Why, for people.
        branches: A decision for each of its branches, in the order in which the policy looks at
            them: those that it would prune first stand first.
    """

    grows: bool
    reason: str
    branches: tuple[BranchDecision, ...]

    @property
    def pruned(self) -> tuple[BranchDecision, ...]:
        """The branches that go, in the order in which they were chosen."""
        return tuple(branch for branch in self.branches if branch.pruned)

    @property
    def considered(self) -> tuple[BranchDecision, ...]:
        """The branches up to the last one that goes; a kept one among them has a special reason."""
        last = max((i for i, branch in enumerate(self.branches, 1) if branch.pruned), default=0)
        return self.branches[:last]


@dataclass(frozen=True)
class Decisions:
    """What one restructuring does; all layer indices are those before it.

    Attributes:
        stages: One decision per stage.
        skips: One decision per skip connection; within a layer in the order in which the kept ones
            become the layer's new inputs.
    """

    stages: tuple[StageDecision, ...]
    skips: tuple[SkipDecision, ...]

    @cached_property
    def pruned(self) -> tuple[tuple[int, str], ...]:
        """(layer, branch) of each branch that goes, stage by stage in the order of choice."""
        return tuple((b.layer, b.branch) for stage in self.stages for b in stage.pruned)

    @cached_property
    def grown(self) -> tuple[int, ...]:
        """Numbers, from 0, of the stages that get a new envelope cell."""
        return tuple(number for number, stage in enumerate(self.stages) if stage.grows)

    @cached_property
    def kept_skips(self) -> dict[int, tuple[int, ...]]:
        """Layer -> the sources that stay, for each layer that has gates."""
        kept: dict[int, tuple[int, ...]] = {skip.destination: () for skip in self.skips}
        for skip in self.skips:
            if skip.kept:
                kept[skip.destination] += (skip.source,)
        return kept

    @property
    def pruned_skips(self) -> int:
        """Number of skip connections that go."""
        return sum(not skip.kept for skip in self.skips)

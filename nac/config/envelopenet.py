"""The ``envelopenet`` section of an experiment file: the prior and its construction.

The meanings of the keys are Markdown: docs/experiment.md is generated from them.
"""

from dataclasses import dataclass
from typing import ClassVar

from nac.config import forms, policies, rankings
from nac.config.forms import BOOLEAN, COUNT, NUMBER, integer, number
from nac.config.keys import REQUIRED, Keys, key, new
from nac.utils import limits


@dataclass(frozen=True, kw_only=True)
class EnvelopeNet(Keys):
    """The ``envelopenet`` section: the prior, and how a construction may change it."""

    WITHOUT_EFFECT: ClassVar[tuple[str, ...]] = ("maxwideners",)

    stages: int = key(REQUIRED, COUNT, "Number of stages.", init=False)
    layers_per_stage: tuple[int, ...] = key(
        REQUIRED, forms.per_stage(), "Envelope cells of each stage of the prior."
    )
    max_layers_per_stage: tuple[int, ...] = key(
        REQUIRED, forms.per_stage(), "Largest number of layers to which each stage grows."
    )
    construction: tuple[bool, ...] = key(
        REQUIRED, forms.per_stage(True), "Whether each stage is pruned and grown."
    )
    parameter_limits: tuple[bool, ...] = key(
        REQUIRED, forms.per_stage(False), "Whether inner layers lose channels as the stage grows."
    )
    max_filter_prune: int = key(REQUIRED, COUNT, "Most branches pruned per stage and iteration.")
    envelopecell: tuple[tuple[str, str], ...] = key(
        REQUIRED, forms.CELL, "Branches of an envelope cell: names and blocks."
    )
    skip: bool = key(False, BOOLEAN, "Connect new layers to all earlier ones.")
    worst_case: bool = key(False, BOOLEAN, "Prune the strongest branches, not the weakest.")
    prune_skips: bool = new(True, BOOLEAN, "Prune skip connections as well.")
    policy: str = new(policies.DEFAULT, forms.named(policies.POLICIES), "Rule that prunes.")
    ranking: str = new(
        rankings.DEFAULT,
        forms.named(rankings.RANKINGS),
        "Which number says how strong a branch is.",
    )
    per_cost: bool = new(
        False,
        BOOLEAN,
        "Prune branches that are weak for their number of parameters, instead of weak ones. With a"
        " `budget`, what a branch costs is width that all others lack.",
    )
    prune_share: float | None = new(
        None,
        number(maximum=1, above=True),
        "Largest share of a stage's branches that is pruned per iteration; by default a third.",
    )
    prune_all_stages: bool = new(
        False,
        BOOLEAN,
        "Prune stages that have all of their layers, too, if their `construction` is true.",
    )
    min_gain: float | None = new(
        None,
        NUMBER,
        "If it is set, stages grow in turn, and one whose newest cell gained less accuracy than"
        " this, as a share of the images, stops growing.",
    )
    inherit: bool = new(
        False,
        BOOLEAN,
        "Start each truncated training but the first from the weights of the one before, not from"
        " fresh ones. All other trainings start from scratch.",
    )
    rounds: int = new(
        4,
        integer(1, limits.ITERATIONS),
        "With `policy: rounds`, the number of rounds of an iteration.",
    )
    candidates: int = new(
        6,
        COUNT,
        "With `policy: rounds`, branches per stage that are measured in a round: the weakest by"
        " `ranking`.",
    )
    children: int = new(
        4,
        integer(2, limits.ITERATIONS),
        "With `policy: tournament`, networks of which trainings choose one.",
    )
    proposals: tuple[str, ...] = new(
        ("taylor", "weight_norm"),
        forms.PROPOSALS,
        "With `policy: tournament`, what proposes networks: rankings, and `rounds`. The other"
        " `children`, at least one, are drawn at random.",
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "stages", len(self.layers_per_stage))

    def contradiction(self) -> tuple[str, str] | None:
        """Return what is wrong if a stage begins above its limit, or gains cannot be told."""
        if self.inherit and self.min_gain is not None:
            return "min_gain", (
                "expected no such key with inherit: true, by which each network is better than the"
                f" one before, received {self.min_gain:g}"
            )
        layers, limits = self.layers_per_stage, self.max_layers_per_stage
        stages = zip(layers, limits, self.construction, strict=True)
        if not any(grows and count > limit for count, limit, grows in stages):
            return None
        expected = f"expected at least layers_per_stage {list(layers)}"
        return "max_layers_per_stage", f"{expected}, received {list(limits)}"

"""Pruning policies: which branches and skip connections go, where the network grows, and why."""

import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from nac.architecture.keys import branch_key
from nac.architecture.network import Architecture
from nac.config.envelopenet import EnvelopeNet
from nac.config.pruning import Pruning
from nac.construction.decisions import (
    BranchDecision,
    Decisions,
    SkipDecision,
    StageDecision,
)
from nac.construction.statistics import Statistics
from nac.construction.value import values_for_cost
from nac.utils.errors import InputError

Key = tuple[int, str]
"""(layer index, branch name)."""


class Policy(ABC):
    """Decides, after a truncated training, what the next network looks like.

    Subclass it, or :class:`WeakestFirst`, and register the class under a name that
    ``envelopenet.policy`` then selects. docs/extending.md has an example.

    Args:
        settings: The ``envelopenet`` section of the experiment.

    Attributes:
        settings: The same.
        resting: Number of a stage that does not grow now -> why, see
            :mod:`nac.construction.growth`.
    """

    resting: Mapping[int, str] = MappingProxyType({})

    def __init__(self, settings: EnvelopeNet):
        self.settings = settings

    def pruning(self, architecture: Architecture) -> Pruning | None:
        """Return what a truncated training of a network is to remove while it runs.

        By default that is nothing: all decisions are made after the training.

        Args:
            architecture: The network that is to be trained.
        """
        return None

    def proposals(
        self, architecture: Architecture, measured: Callable[[str], Statistics]
    ) -> dict[str, Decisions]:
        """Return what may follow from a training; if it is more than one, trainings choose.

        By default it is one, :meth:`decide`.

        Args:
            architecture: The network that was trained.
            measured: Returns what was measured of it, with the strength of branches by a ranking.

        Returns:
            Name of each proposal -> its decisions.
        """
        return {"": self.decide(architecture, measured(self.settings.ranking))}

    @abstractmethod
    def decide(self, architecture: Architecture, statistics: Statistics) -> Decisions:
        """Return a decision for every stage, every branch and every skip connection.

        Args:
            architecture: The network that was trained.
            statistics: What was measured of it.
        """


class WeakestFirst(Policy):
    """The policy of the paper (Algorithm 1) and of AMLA (generate.py).

    In each stage that grows, the weakest branches go: a third of them, at most
    ``max_filter_prune``, but at least one, and never the last branch of a layer. In each layer with
    gates the smaller half of the skip connections goes. With ``worst_case`` the strongest branches
    go instead, which is the baseline of the paper's section 4.
    """

    def decide(self, architecture: Architecture, statistics: Statistics) -> Decisions:
        """Return all decisions, see :class:`Policy`."""
        stages = range(len(architecture.stages))
        layers = [index for index, _ in architecture.branch_layers()]
        return Decisions(
            tuple(self.decide_stage(n, architecture, statistics) for n in stages),
            tuple(
                decision
                for index in layers
                for decision in self.decide_skips(index, architecture, statistics)
            ),
        )

    def decide_stage(
        self, number: int, architecture: Architecture, statistics: Statistics
    ) -> StageDecision:
        """Return what happens to a stage.

        Pruning makes room for the new envelope cell, so a stage that has its final depth keeps what
        it has (AMLA, generate.py), unless ``prune_all_stages`` is on.
        """
        layers = len(architecture.stages[number])
        grows, reason = self.growth(number, layers)
        ranked = self.ranked(number, architecture, statistics)
        reasons = dict.fromkeys(ranked, (False, "its stage does not grow"))
        if self.prunes(number, layers):
            limit = self.limit(len(ranked))
            reasons = self.choose(ranked, limit)
            reason += f"; {limit} of its {len(ranked)} branches may go, {self._order}"
        branches = (
            BranchDecision(*key, architecture.block(*key), statistics.metrics[key], *reasons[key])
            for key in ranked
        )
        return StageDecision(grows, reason, tuple(branches))

    def prunes(self, number: int, layers: int) -> bool:
        """Return whether branches of a stage of so many layers may go."""
        always = self.settings.prune_all_stages and self.settings.construction[number]
        return always or self.growth(number, layers)[0]

    def limit(self, branches: int) -> int:
        """Return how many of so many branches of a stage may go."""
        return prune_limit(branches, self.settings.max_filter_prune, self.settings.prune_share)

    def growth(self, number: int, layers: int) -> tuple[bool, str]:
        """Return whether a stage of so many layers grows, and why."""
        most = self.settings.max_layers_per_stage[number]
        if not self.settings.construction[number]:
            return False, "is left as it is (construction: false)"
        if layers >= most:
            return False, f"has all of its {most} layers and does not grow"
        if number in self.resting:
            return False, self.resting[number]
        return True, f"grows by one envelope cell, as it may have {most} layers"

    def ranked(self, number: int, architecture: Architecture, statistics: Statistics) -> list[Key]:
        """Return the branches of a stage, first to go first.

        The sort is stable: of equally strong branches the one that comes first in the network goes
        first, in the worst case too.
        """
        sign = -1.0 if self.settings.worst_case else 1.0
        stage = architecture.stages[number]
        branches = [key for key in architecture.branches() if key[0] in stage]
        values = self.values(statistics)
        return sorted(branches, key=lambda key: sign * values[key])

    def values(self, statistics: Statistics) -> Mapping[Key, float]:
        """Return what branches are compared by: their strength or, if asked for, what it costs.

        Raises:
            InputError: The numbers of parameters are asked for and not known.
        """
        if not self.settings.per_cost:
            return statistics.metrics
        if missing := sorted(set(statistics.metrics) - set(statistics.parameters)):
            raise InputError(
                f"{statistics.source}: featuremaps.{branch_key(*missing[0])}.parameters: missing;"
                " envelopenet.per_cost needs it"
            )
        return values_for_cost(statistics.metrics, statistics.parameters, lambda key: key[0])

    @property
    def _order(self) -> str:
        order = "strongest first" if self.settings.worst_case else "weakest first"
        return f"{order} for its cost" if self.settings.per_cost else order

    def choose(self, ranked: Sequence[Key], limit: int) -> dict[Key, tuple[bool, str]]:
        """Return whether each branch of a stage goes, and why.

        Args:
            ranked: Its branches, first to go first.
            limit: How many may go.
        """
        remaining = Counter(layer for layer, _ in ranked)
        chosen: dict[Key, tuple[bool, str]] = {}
        gone = 0
        for rank, (layer, branch) in enumerate(ranked, start=1):
            position = f"rank {rank} of {len(ranked)}, {self._order}"
            if gone == limit:
                chosen[layer, branch] = False, f"{position}; {limit} may go"
            elif remaining[layer] == 1:
                chosen[layer, branch] = False, "the last branch of its layer always stays"
            else:
                chosen[layer, branch] = True, position
                remaining[layer] -= 1
                gone += 1
        return chosen

    def decide_skips(
        self, index: int, architecture: Architecture, statistics: Statistics
    ) -> Iterable[SkipDecision]:
        """Yield which skip connections into a layer stay.

        Of n gates the ceil(n / 2) largest stay, compared with their sign: a skip connection with a
        large negative gate goes (AMLA, generate.py). The largest becomes the layer's first input.
        """
        gates = {s: statistics.gates[s, index] for s in architecture.sources(index) or ()}
        kept = (len(gates) + 1) // 2
        if not self.settings.prune_skips:
            for source, gate in gates.items():
                yield SkipDecision(source, index, gate, True, "prune_skips: false keeps all")
            return
        for rank, source in enumerate(sorted(gates, key=lambda s: -gates[s]), start=1):
            stays = rank <= kept
            reason = f"{'' if stays else 'not '}among the largest {kept} of {len(gates)} gates"
            yield SkipDecision(source, index, gates[source], stays, reason)


def prune_limit(branches: int, max_filter_prune: int, share: float | None = None) -> int:
    """Return how many branches of a stage may go: a third, at most a maximum, at least one.

    Args:
        branches: Branches that the stage has.
        max_filter_prune: The maximum.
        share: Largest share of the branches, in place of a third.

    Example:
    >>> prune_limit(8, max_filter_prune=4), prune_limit(8, max_filter_prune=8, share=0.6)
    (2, 4)
    """
    # The small number makes up for shares that are rounded in binary: 0.29 * 100 is 28.999....
    most = branches // 3 if share is None else math.floor(branches * share + 1e-9)
    return max(1, min(max_filter_prune, most))

"""The policy ``tournament``: several proposals become networks, and trainings choose one of them.

A ranking is a guess. Here several of them make proposals, some are drawn at random, and what
decides is how fast the networks learn: the sum of training losses tells early which network will be
better (Ru et al., NeurIPS 2021, TSE-E). Half of the networks go on each time, as in successive
halving (Jamieson and Talwalkar, AISTATS 2016).
"""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from nac.architecture.network import Architecture
from nac.config.envelopenet import EnvelopeNet
from nac.config.policies import ROUNDS, TOURNAMENT
from nac.config.pruning import Pruning
from nac.construction.decisions import Decisions
from nac.construction.policies import WeakestFirst
from nac.construction.rounds import Rounds
from nac.construction.statistics import Statistics

RANDOM = "random"
"""The ranking from which random proposals are drawn, and the beginning of their names."""


class Tournament(WeakestFirst):
    """Proposes what ``envelopenet.proposals`` name, and random networks up to ``children``.

    All proposals prune as many branches and skip connections, so the networks only differ in which.
    """

    def pruning(self, architecture: Architecture) -> Pruning | None:
        """Return what the training is to remove, if pruning in rounds is one of the proposals."""
        if ROUNDS not in self.settings.proposals:
            return None
        return Rounds(self.settings).pruning(architecture)

    def proposals(
        self, architecture: Architecture, measured: Callable[[str], Statistics]
    ) -> dict[str, Decisions]:
        """Return the proposals by their names, see :class:`nac.construction.policies.Policy`."""
        named = {
            name: self._proposal(name, architecture, measured) for name in self.settings.proposals
        }
        return named | dict(self._random(architecture, measured(RANDOM)))

    def _proposal(
        self, name: str, architecture: Architecture, measured: Callable[[str], Statistics]
    ) -> Decisions:
        if name == ROUNDS:
            rounds = Rounds(self.settings)
            rounds.resting = self.resting
            return rounds.decide(architecture, measured(self.settings.ranking))
        return self.decide(architecture, measured(name))

    def _random(
        self, architecture: Architecture, seeded: Statistics
    ) -> Iterable[tuple[str, Decisions]]:
        """Yield random proposals, at least one; what branches cost plays no part in them."""
        policy = WeakestFirst(replace(self.settings, per_cost=False))
        policy.resting = self.resting
        for number in range(1, _random_children(self.settings) + 1):
            yield f"{RANDOM}{number}", policy.decide(architecture, redrawn(seeded, number))


def redrawn(statistics: Statistics, number: int) -> Statistics:
    """Return random strengths and gates, a function of random strengths and a number.

    Args:
        statistics: Strengths of branches by the ranking ``random``.
        number: Another number gives others.
    """
    seeds = sorted(statistics.metrics.items())

    def draw(key: object) -> float:
        return random.Random(f"{seeds}/{number}/{key}").random()

    return Statistics(
        metrics={key: draw(key) for key in statistics.metrics},
        gates={key: draw(key) for key in statistics.gates},
    )


def ranking_of(proposal: str, settings: EnvelopeNet) -> str:
    """Return the ranking by which a proposal looks at the branches.

    Args:
        proposal: Its name, see :meth:`Tournament.proposals`.
        settings: The ``envelopenet`` section of the experiment.
    """
    if proposal == ROUNDS:
        return settings.ranking
    return proposal if proposal in settings.proposals else RANDOM


def rungs(children: int) -> list[tuple[int, float]]:
    """Return the rungs of a tournament: number of networks, share of a truncated training.

    On each rung half of the networks go on. The winner has a whole truncated training, the next
    iteration's.

    Example:
    >>> rungs(4)
    [(4, 0.25), (2, 0.5)]
    >>> rungs(5)
    [(5, 0.125), (3, 0.25), (2, 0.5)]
    """
    sizes = []
    while children > 1:
        sizes.append(children)
        children = -(-children // 2)
    return [(size, 0.5 ** (len(sizes) - rung)) for rung, size in enumerate(sizes)]


def tournament_rungs(settings: EnvelopeNet) -> list[tuple[int, float]]:
    """Return the rungs of the tournaments of a construction, none with another policy."""
    if settings.policy != TOURNAMENT:
        return []
    return rungs(len(settings.proposals) + _random_children(settings))


def _random_children(settings: EnvelopeNet) -> int:
    return max(1, settings.children - len(settings.proposals))


def surviving(losses: Mapping[str, float]) -> list[str]:
    """Return the better half of the networks, best first; of equals the first one.

    Args:
        losses: Name -> training loss of the last third.

    Example:
    >>> surviving({"taylor": 0.31, "random1": 0.29, "random2": 0.33})
    ['random1', 'taylor']
    """
    ordered = sorted(losses, key=lambda name: losses[name])
    return ordered[: -(-len(ordered) // 2)]

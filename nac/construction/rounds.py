"""The policy ``rounds``: prune within a training, in rounds, what its network misses least.

A ranking guesses what a branch is worth. Here it only proposes: its weakest branches are taken out
one at a time, the loss on validation images says how much each is missed, and the least missed go.
The network then trains on without them before the next round. This is the selection of DARTS-PT
(Wang et al., ICLR 2021, Algorithm 1) turned around: there the operation that stays is chosen, here
those that go.
"""

from collections.abc import Iterable, Mapping, Sequence

from nac.architecture.keys import branch_key, gate_key
from nac.architecture.network import Architecture
from nac.config.envelopenet import EnvelopeNet
from nac.config.pruning import Group, Pruning
from nac.construction.decisions import Decisions, SkipDecision
from nac.construction.policies import Key, WeakestFirst
from nac.construction.statistics import Round, Statistics
from nac.utils.errors import InputError

BEGIN, END = 0.4, 0.75
"""Shares of a training before the first and before the last round.

Before, branches learn what they are for. After, the network gets used to what is left of it."""

IMAGES = 1000
"""Validation images on which it is measured how much a branch is missed."""


class Rounds(WeakestFirst):
    """Prunes what a training has removed in its rounds, and grows as :class:`WeakestFirst` does.

    As many branches and skip connections go as there. With ``worst_case`` those that are missed
    most go.
    """

    def __init__(self, settings: EnvelopeNet):
        super().__init__(settings)
        self._removed: dict[str, str] = {}

    def pruning(self, architecture: Architecture) -> Pruning:
        """Return what a training of a network is to remove."""
        return Pruning(
            rounds=self.settings.rounds,
            begin=BEGIN,
            end=END,
            candidates=self.settings.candidates,
            ranking=self.settings.ranking,
            images=IMAGES,
            per_cost=self.settings.per_cost,
            strongest=self.settings.worst_case,
            groups=(*self._stages(architecture), *self._skips(architecture)),
        )

    def prunes(self, number: int, layers: int) -> bool:
        """Return whether branches of a stage of so many layers may go.

        That is decided before the training, when it is not known yet whether the stage rests.
        """
        return self.settings.construction[number] and (
            self.settings.prune_all_stages or layers < self.settings.max_layers_per_stage[number]
        )

    def _stages(self, architecture: Architecture) -> Iterable[Group]:
        for number, stage in enumerate(architecture.stages):
            if self.prunes(number, len(stage)):
                branches = [key for key in architecture.branches() if key[0] in stage]
                # The last branch of a layer stays.
                most = min(self.limit(len(branches)), len(branches) - len(stage))
                yield Group(tuple(branch_key(*key) for key in branches), most)

    def _skips(self, architecture: Architecture) -> Iterable[Group]:
        for index, _ in architecture.branch_layers() if self.settings.prune_skips else ():
            sources = architecture.sources(index) or ()
            yield Group(tuple(gate_key(s, index) for s in sources), len(sources) // 2)

    def decide(self, architecture: Architecture, statistics: Statistics) -> Decisions:
        """Return all decisions, see :class:`nac.construction.policies.Policy`.

        Raises:
            InputError: The training was none with rounds.
        """
        if not statistics.rounds:
            raise InputError(
                f"{statistics.source}: rounds: missing; a training for the policy rounds writes"
                " them"
            )
        self._removed = dict(_reasons(statistics.rounds, self._most_or_least))
        return super().decide(architecture, statistics)

    @property
    def _stayed(self) -> str:
        return f"was not among the {self._most_or_least} missed"

    @property
    def _most_or_least(self) -> str:
        return "most" if self.settings.worst_case else "least"

    def ranked(self, number: int, architecture: Architecture, statistics: Statistics) -> list[Key]:
        """Return the branches of a stage: those that went in order, then the others, weakest first.

        See :class:`nac.construction.policies.WeakestFirst`.
        """
        order = list(self._removed)
        others = super().ranked(number, architecture, statistics)
        gone = [key for key in others if branch_key(*key) in self._removed]
        gone.sort(key=lambda key: order.index(branch_key(*key)))
        return gone + [key for key in others if key not in gone]

    def choose(self, ranked: Sequence[Key], limit: int) -> dict[Key, tuple[bool, str]]:
        """Return whether each branch of a stage went, and why."""
        chosen: dict[Key, tuple[bool, str]] = {}
        for key in ranked:
            gone = self._removed.get(branch_key(*key))
            chosen[key] = (True, gone) if gone else (False, self._stayed)
        return chosen

    def decide_skips(
        self, index: int, architecture: Architecture, statistics: Statistics
    ) -> Iterable[SkipDecision]:
        """Yield which skip connections into a layer stay, the one with the largest gate first."""
        if not self.settings.prune_skips:
            yield from super().decide_skips(index, architecture, statistics)
            return
        sources = architecture.sources(index) or ()
        for source in sorted(sources, key=lambda s: -statistics.gates[s, index]):
            key = gate_key(source, index)
            reason = self._removed.get(key, self._stayed)
            kept = key not in self._removed
            yield SkipDecision(source, index, statistics.gates[source, index], kept, reason)


def _reasons(rounds: Sequence[Round], most_or_least: str) -> Iterable[tuple[str, str]]:
    for number, entry in enumerate(rounds, start=1):
        for key in entry.removed:
            yield (
                key,
                f"went in round {number} of {len(rounds)}, missed {most_or_least}:"
                f" loss {entry.missed[key]:+.5f}",
            )


def due_rounds(pruning: Pruning, progress: float) -> int:
    """Return how many rounds have begun at a share of the training.

    Example:
    >>> pruning = Pruning(rounds=3, begin=0.5, end=0.7, candidates=6, ranking="taylor", images=1,
    ...                   groups=())
    >>> [due_rounds(pruning, progress) for progress in (0.4, 0.5, 0.6, 0.7, 1.0)]
    [0, 1, 2, 3, 3]
    """
    return sum(progress >= share - 1e-9 for share in round_shares(pruning))


def round_shares(pruning: Pruning) -> list[float]:
    """Return the share of the training before each round; rounds are evenly spaced."""
    steps = max(1, pruning.rounds - 1)
    span = pruning.end - pruning.begin
    return [pruning.begin + span * number / steps for number in range(pruning.rounds)]


def quota(group: Group, pruning: Pruning, number: int) -> int:
    """Return how many members of a group have gone after a round, the first one being 1.

    Example:
    >>> pruning = Pruning(rounds=4, begin=0.5, end=0.7, candidates=6, ranking="taylor", images=1,
    ...                   groups=())
    >>> [quota(Group(("1/a", "1/b", "1/c"), 2), pruning, number) for number in (1, 2, 3, 4)]
    [1, 1, 2, 2]
    """
    return -(-group.remove * number // pruning.rounds)


def candidates(
    group: Group,
    pruning: Pruning,
    gone: Sequence[str],
    strengths: Mapping[str, float],
    count: int = 0,
) -> list[str]:
    """Return the members of a group to measure in a round: the weakest that can go.

    Args:
        group: The group.
        pruning: How many there are, and whether it is the strongest instead.
        gone: Keys that went in earlier rounds.
        strengths: Key -> strength of a branch, or size of a gate.
        count: How many are to go; at least so many are measured that as many can.
    """
    sign = -1.0 if pruning.strongest else 1.0
    left = [key for key in group.members if key not in gone and not _is_last(key, group, gone)]
    left.sort(key=lambda key: sign * strengths[key])
    for size in range(max(count, pruning.candidates), len(left)):
        possible = dict.fromkeys(left[:size], 0.0)
        if len(least_missed(group, pruning, gone, possible, count)) == count:
            return left[:size]
    return left


def least_missed(
    group: Group, pruning: Pruning, gone: Sequence[str], missed: Mapping[str, float], count: int
) -> list[str]:
    """Return which candidates of a group go in a round, least missed first.

    Args:
        group: The group.
        pruning: Whether it is those missed most instead.
        gone: Keys that went in earlier rounds.
        missed: Key of a candidate of this group -> increase of the loss without it.
        count: How many go at most.
    """
    sign = -1.0 if pruning.strongest else 1.0
    chosen: list[str] = []
    for key in sorted(missed, key=lambda key: sign * missed[key]):
        if len(chosen) < count and not _is_last(key, group, [*gone, *chosen]):
            chosen.append(key)
    return chosen


def _is_last(key: str, group: Group, gone: Sequence[str]) -> bool:
    """Return whether a key is that of the last branch of its layer."""
    layer, separator, _ = key.partition("/")
    if not separator:
        return False  # a skip connection
    return not any(
        other != key and other not in gone and other.startswith(f"{layer}/")
        for other in group.members
    )

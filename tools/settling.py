"""When the decisions of a construction settle, and whether its trainings could end earlier.

    python -m tools.settling runs/fashion_0 runs/fashion_1 runs/fashion_2

reads the curves of the truncated trainings of runs and decides at each of their points as if the
training ended there: the weakest branches go and the largest gates stay, as in the policy
``weakest``. It prints, for each ranking, how many trainings have their final decision by a share
of their steps, and which share of the final choice they have in common with it. Then it prints what
rules that end a training early would save of the steps, and how often the decision would be that of
the end, with the 95% interval of that share. Nothing is trained.

"network" is the choice of branches and skip connections together. Left out are trainings with too
few points, those that remove branches while they run, those after which no branch goes, and copies.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import fmean
from typing import Any

from nac.architecture.keys import branch_key, gate_key
from nac.config import EnvelopeNet
from nac.construction.policies import WeakestFirst
from nac.construction.statistics import Statistics
from nac.runs.layout import TRAIN
from nac.runs.saved_run import Iteration, load_run
from nac.tensorboard.events import read_scalars
from nac.tensorboard.tags import branch_tags, gate_tags
from nac.utils.errors import NacError
from nac.utils.tables import table
from tools.parsers import tool_parser

SHARES = (0.25, 0.5, 0.75, 0.9)
"""Shares of the steps by which decisions may have settled."""

PARTS = ("network", "branches", "skips")
"""What is decided: the branches that go, the skip connections that stay, and the two together."""


@dataclass(frozen=True)
class Replay:
    """What would have been decided at each point of a training.

    Attributes:
        steps: The steps of its points; the last one is the end of the training.
        chosen: What is chosen at each of them, such as the branches that go.
    """

    steps: tuple[int, ...]
    chosen: tuple[frozenset[Any], ...]

    @cached_property
    def since(self) -> tuple[int, ...]:
        """The step of each point since which the choice has been the same as there."""
        since = list(self.steps)
        for i in range(1, len(since)):
            if self.chosen[i] == self.chosen[i - 1]:
                since[i] = since[i - 1]
        return tuple(since)

    @property
    def settled(self) -> int:
        """The number of the point, from 0, from which on the choice is the final one."""
        return self.steps.index(self.since[-1])

    def done(self, point: int) -> float:
        """Return the share of the steps that are done at a point."""
        return self.steps[point] / self.steps[-1]

    def is_final(self, point: int) -> bool:
        """Return whether the choice at a point is the final one."""
        return self.chosen[point] == self.chosen[-1]

    def common(self, point: int) -> float:
        """Return the share of what is chosen in the end that is also chosen at a point."""
        final = self.chosen[-1]
        return len(final & self.chosen[point]) / len(final) if final else 1.0

    def point_at(self, share: float) -> int:
        """Return the last point by which at most a share of the steps is done, at least the first.

        Args:
            share: A share of the steps.
        """
        return max(sum(step <= share * self.steps[-1] for step in self.steps) - 1, 0)


@dataclass(frozen=True)
class Rule:
    """Ends a training when enough of it is done and the choice has not changed for long enough.

    Attributes:
        least: Share of all steps that must be done.
        quiet: Share of the steps so far, the latest ones, in which the choice must be the same.
    """

    least: float
    quiet: float = 0.0

    def __str__(self) -> str:
        """Return the rule in words."""
        if not self.quiet:
            return f"at {self.least:.0%}"
        return f"from {self.least:.0%} on, last {self.quiet:.0%} unchanged"

    def stop(self, replay: Replay) -> int:
        """Return the point at which a training ends by the rule, the last one if it never fires."""
        for point, (step, since) in enumerate(zip(replay.steps, replay.since, strict=True)):
            if replay.done(point) >= self.least and since <= (1.0 - self.quiet) * step:
                return point
        return len(replay.steps) - 1


RULES = (
    *(Rule(share) for share in SHARES),
    *(Rule(least, quiet) for least in (0.25, 0.5, 0.75) for quiet in (0.25, 1 / 3, 0.5)),
)
"""The rules that are tried: some see only how much is done, others also how long it was quiet."""


@dataclass(frozen=True)
class Training:
    """A truncated training, and what would have been decided at each of its points.

    Attributes:
        name: Directory of its job.
        notation: The network that it trained, ``C/n1-n2/M``.
        ranking: The ranking that decides.
        parts: Name of a part of the decision, see :data:`PARTS` -> what would have been decided.
    """

    name: str
    notation: str
    ranking: str
    parts: Mapping[str, Replay]


def recorded(iteration: Iteration, ranking: str) -> dict[int, Statistics]:
    """Return step -> strengths and gates, for the steps at which all of them were recorded.

    Args:
        iteration: The iteration whose training is read.
        ranking: The ranking by which its branches were recorded.
    """
    scalars, network = read_scalars(iteration.directory / TRAIN), iteration.architecture
    branches, gates = branch_tags(network, ranking), gate_tags(network)
    strengths = {b: dict(scalars.get(branches[branch_key(*b)], [])) for b in network.branches()}
    sizes = {s: dict(scalars.get(gates[gate_key(*s)], [])) for s in network.skip_connections()}
    steps = set.intersection(*map(set, (*strengths.values(), *sizes.values())))
    return {
        step: Statistics(
            {branch: curve[step] for branch, curve in strengths.items()},
            {skip: curve[step] for skip, curve in sizes.items()},
        )
        for step in sorted(steps)
    }


def replayed(
    iteration: Iteration, points: Mapping[int, Statistics], settings: EnvelopeNet
) -> Training:
    """Return a training with what would have been decided at each of its points.

    Args:
        iteration: The iteration that it belongs to.
        points: Step -> what was measured by then.
        settings: The ``envelopenet`` section of the experiment.
    """
    network, policy = iteration.architecture, WeakestFirst(settings)
    decisions = [policy.decide(network, measured) for measured in points.values()]
    pruned = [frozenset(decision.pruned) for decision in decisions]
    kept = [frozenset((s.source, s.destination) for s in d.skips if s.kept) for d in decisions]
    both = [frozenset({*gone, *left}) for gone, left in zip(pruned, kept, strict=True)]
    replays = (Replay(tuple(points), tuple(chosen)) for chosen in (both, pruned, kept))
    parts = dict(zip(PARTS, replays, strict=True))
    return Training(str(iteration.directory), str(network.notation), settings.ranking, parts)


def read_trainings(runs: Iterable[Path], least: int) -> list[Training]:
    """Return the trainings of runs; the docstring of this file says which ones are left out.

    Args:
        runs: Run directories.
        least: Number of points that a training must have.

    Raises:
        InputError: One of them is not a run directory, or a file in it is damaged.
    """
    trainings: list[Training] = []
    seen: list[dict[int, Statistics]] = []
    for run in map(load_run, runs):
        settings = run.experiment.need("envelopenet")
        for iteration in run.iterations:
            points = recorded(iteration, run.ranking)
            fits = len(points) >= least and not iteration.result.rounds
            if fits and iteration.decisions.pruned and points not in seen:
                seen.append(points)
                trainings.append(replayed(iteration, points, settings))
    return trainings


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """Return the Wilson score interval of a share, by default of 95%.

    Args:
        successes: How often it happened.
        trials: How often it could have happened, at least once.
        z: Quantile of the normal distribution.
    """
    share, square = successes / trials, z * z / trials
    center = share + square / 2
    spread = (square * (share * (1 - share) + square / 4)) ** 0.5
    return (center - spread) / (1 + square), (center + spread) / (1 + square)


def counted(flags: Sequence[bool]) -> str:
    """Return how many of some things are true, in words."""
    return f"{sum(flags)} of {len(flags)}"


def each_table(trainings: Sequence[Training]) -> str:
    """Return a table with the share of the steps after which each training had settled."""
    rows = []
    for training in trainings:
        replays = [training.parts[name] for name in PARTS]
        steps = replays[0].steps
        shares = [f"{replay.done(replay.settled):.0%}" for replay in replays]
        rows.append([training.name, training.notation, str(steps[-1]), str(len(steps)), *shares])
    return table(["training", "notation", "steps", "points", *PARTS], rows)


def settled_table(trainings: Sequence[Training]) -> str:
    """Return a table of how many trainings have settled, and what agrees with the end by then."""
    rows = []
    for share in SHARES:
        row = [f"{share:.0%}"]
        for name in PARTS:
            replays = [training.parts[name] for training in trainings]
            common = fmean(replay.common(replay.point_at(share)) for replay in replays)
            row.append(counted([replay.done(replay.settled) <= share for replay in replays]))
            row.append(f"{common:.0%}")
        rows.append(row)
    return table(["settled by", *(title for name in PARTS for title in (name, "in common"))], rows)


def stop_cells(replays: Sequence[Replay], rule: Rule | None) -> list[str]:
    """Return what a rule saves of the steps, how often it decides as the end does, and an interval.

    Args:
        replays: What would have been decided in each training.
        rule: The rule; None ends trainings when they settle, which is known only afterwards.
    """
    stops = [(replay, rule.stop(replay) if rule else replay.settled) for replay in replays]
    right = [replay.is_final(stop) for replay, stop in stops]
    low, high = wilson(sum(right), len(right))
    saved = fmean(1.0 - replay.done(stop) for replay, stop in stops)
    return [f"{saved:.0%}", counted(right), f"{100 * low:.0f}-{high:.0%}"]


def stop_table(trainings: Sequence[Training]) -> str:
    """Return a table of what each rule saves, and how often it decides as the end does.

    A rule looks at both decisions in the first columns, and at one of the two in the others.
    """
    rows = []
    for rule in (*RULES, None):
        row = [str(rule or "when settled (known afterwards)")]
        for name in PARTS:
            row += stop_cells([training.parts[name] for training in trainings], rule)
        rows.append(row)
    titles = (title for name in PARTS for title in ("saved", name, "interval"))
    return table(["the training ends", *titles], rows)


def report(trainings: Sequence[Training], each: bool) -> str:
    """Return the tables of all rankings.

    Args:
        trainings: At least one training.
        each: Whether a table has a row for each training.
    """
    tables = []
    for ranking in sorted({training.ranking for training in trainings}):
        own = [training for training in trainings if training.ranking == ranking]
        tables.append(f"Ranking {ranking}, trainings: {len(own)}")
        tables += [each_table(own)] if each else []
        tables += [settled_table(own), stop_table(own)]
    return "\n\n".join(tables)


def main() -> None:
    """Print the tables."""
    parser = tool_parser("settling", __doc__)
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN", help="a run directory")
    parser.add_argument("--points", type=int, default=20, help="points that a training must have")
    parser.add_argument("--each", action="store_true", help="print a row for each training, too")
    arguments = parser.parse_args()
    try:
        trainings = read_trainings(arguments.runs, max(2, arguments.points))
    except NacError as error:
        parser.exit(1, f"error: {error}\n")
    if not trainings:
        parser.exit(1, f"error: no training with at least {arguments.points} points\n")
    print(report(trainings, arguments.each))


if __name__ == "__main__":
    main()

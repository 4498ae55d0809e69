"""The rounds of a job in which it removes branches and skip connections (policy ``rounds``)."""

import json
import time
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import tensorflow as tf

from nac.config.pruning import Group, Pruning
from nac.config.splits import VALIDATION
from nac.construction.rounds import (
    candidates,
    due_rounds,
    least_missed,
    quota,
    round_shares,
)
from nac.construction.statistics import Round
from nac.construction.value import values_for_cost, width_taken
from nac.training.batches import Batches
from nac.training.evaluation import calibrate, score
from nac.training.measurements import featuremaps, gates, strengths
from nac.training.removal import parts_of, remove, without
from nac.training.steps import Steps
from nac.utils.records import from_json, to_json

REFIT_BATCHES = 4
"""Training batches over which batch norms are re-estimated before each measurement: without a
branch, later featuremaps have other means and variances."""


def layer_of(key: str) -> str:
    """Return the layer in the key of a branch, such as ``3/Branch2``."""
    return key.partition("/")[0]


class Measured(NamedTuple):
    """What was measured of a network.

    Attributes:
        featuremaps: See :class:`nac.runs.result.JobResult`.
        gates: See there.
    """

    featuremaps: dict[str, dict[str, float]]
    gates: dict[str, float]


@lru_cache(maxsize=1)  # asked for between any two calls of steps, while it changes once per round
def _parsed(log: bytes) -> tuple[Measured | None, tuple[Round, ...]]:
    """Return what a log of rounds says of the complete network, and the rounds."""
    content = json.loads(log)
    measured = content.get("measured")
    rounds = (from_json(Round, entry, "checkpoint: rounds") for entry in content.get("rounds", []))
    return measured and Measured(**measured), tuple(rounds)


class PruningRounds:
    """Measures what a network misses least, and removes it.

    A round is a function of the weights and the step alone, and a checkpoint holds what earlier
    rounds did. So a job that was killed continues with the same decisions.

    Args:
        steps: Steps of the network.
        batches: The data, with validation images.
        pruning: What is to be removed.
        seed: Seed of the random ranking.

    Attributes:
        log: The rounds so far as JSON, part of the checkpoint.
        seconds: How long the rounds of this process took.
    """

    def __init__(self, steps: Steps, batches: Batches, pruning: Pruning, seed: int):
        self._steps, self._batches, self._pruning, self._seed = steps, batches, pruning, seed
        self._parts = parts_of(steps.model)
        self.seconds = 0.0
        with tf.device("CPU:0"):
            self.log = tf.Variable("{}", trainable=False, dtype=tf.string)

    @property
    def rounds(self) -> tuple[Round, ...]:
        """The rounds so far."""
        return _parsed(self.log.numpy())[1]

    @property
    def measured(self) -> Measured | None:
        """What was measured of the complete network, before the first round; None before that.

        A branch that has gone is not measured any more, so later numbers could not be compared.
        """
        return _parsed(self.log.numpy())[0]

    def next_share(self) -> float | None:
        """Return the share of the training before the next round, None after the last one."""
        shares = round_shares(self._pruning)[len(self.rounds) :]
        return shares[0] if shares else None

    def due(self, progress: float) -> bool:
        """Return whether a round is due at a share of the training."""
        return due_rounds(self._pruning, progress) > len(self.rounds)

    def run(self, step: int) -> Round:
        """Measure and remove what goes in the next round.

        Args:
            step: Number of steps so far.
        """
        started = time.monotonic()
        rounds, model = self.rounds, self._steps.model
        measured = self.measured or Measured(featuremaps(model, self._seed), gates(model))
        gone = [key for entry in rounds for key in entry.removed]
        with self._steps.average.in_place():
            loss = self._loss()
            chosen = [
                self._choose(group, gone, len(rounds) + 1, loss) for group in self._pruning.groups
            ]
        removed = [key for _, keys in chosen for key in keys]
        for key in removed:
            remove(self._steps, self._parts[key])
        missed = {key: value for values, _ in chosen for key, value in values.items()}
        entry = Round(step, loss, missed, tuple(removed))
        self.log.assign(
            json.dumps(
                {
                    "measured": measured._asdict(),
                    "rounds": [to_json(known) for known in (*rounds, entry)],
                }
            )
        )
        self.seconds += time.monotonic() - started
        return entry

    def _choose(
        self, group: Group, gone: Sequence[str], number: int, loss: float
    ) -> tuple[dict[str, float], list[str]]:
        """Return how much candidates of a group are missed, and which of them go."""
        before = sum(key in gone for key in group.members)
        count = quota(group, self._pruning, number) - before
        if count <= 0:
            return {}, []
        measured = candidates(group, self._pruning, gone, self._strengths(), count)
        missed = {key: self._loss_without(key) - loss for key in measured}
        weighed = {key: value / self._width_taken(key) for key, value in missed.items()}
        return missed, least_missed(group, self._pruning, gone, weighed, count)

    def _width_taken(self, key: str) -> float:
        """Return by what a loss is divided, one unless costs count."""
        if not self._pruning.per_cost:
            return 1.0
        return width_taken(sum(int(elements.sum()) for _, elements in self._parts[key]))

    def _strengths(self) -> dict[str, float]:
        model = self._steps.model
        sizes = {key: abs(gate) for key, gate in gates(model).items()}
        values = strengths(model, self._pruning.ranking, self._seed)
        if self._pruning.per_cost:
            parameters = strengths(model, "parameters", self._seed)
            values = values_for_cost(values, parameters, layer_of)
        return values | sizes

    def _loss_without(self, key: str) -> float:
        with without(self._parts[key]):
            return self._loss()

    def _loss(self) -> float:
        calibrate(self._steps, self._batches.training(0, REFIT_BATCHES))
        return score(self._validation(), self._steps.evaluate).loss

    def _validation(self):
        count = -(-self._pruning.images // self._batches.size)
        return islice(self._batches.evaluation(VALIDATION), count)

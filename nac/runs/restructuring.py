"""What follows from a truncated training of a run: from its result to the next network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nac.architecture.network import Architecture
from nac.config import EnvelopeNet, Experiment, Recipe, training_job
from nac.construction.decisions import Decisions
from nac.construction.growth import resting_stages
from nac.construction.restructure import apply, policy_of, propose
from nac.construction.statistics import Statistics, parse_statistics
from nac.construction.width import Limit
from nac.runs.layout import CHOICE, STATISTICS
from nac.runs.result import JobResult
from nac.runs.tournament import read_choice
from nac.utils.errors import InputError
from nac.utils.records import to_json

Earlier = tuple[Architecture, JobResult]
"""Network and result of an iteration."""


@dataclass(frozen=True)
class Step:
    """What follows from an iteration's training.

    Attributes:
        measured: Strength of each branch by the ranking that decides, and each gate.
        decisions: What is pruned, kept and grown.
        network: The network of the next iteration.
    """

    measured: Statistics
    decisions: Decisions
    network: Architecture


def truncated_job(experiment: Experiment, architecture: Architecture, recipe: Recipe) -> Experiment:
    """Return the job of an iteration: a training in which the policy may remove something."""
    policy = policy_of(experiment.need("envelopenet"))
    job = training_job(experiment, architecture, recipe)
    return replace(job, pruning=policy.pruning(architecture))


def next_step(
    job: Path,
    architecture: Architecture,
    result: JobResult,
    settings: EnvelopeNet,
    limits: Sequence[Limit] = (),
    before: Sequence[Earlier] = (),
) -> Step:
    """Return what follows from an iteration's training (paper, Algorithm 1).

    Args:
        job: Directory of the iteration's job, the beginning of error messages. Of several
            proposals, the one that a tournament chose follows.
        architecture: The network that it trained.
        result: Its result.
        settings: The ``envelopenet`` section of the experiment.
        limits: What the next network may cost.
        before: Networks and results of the iterations before it.

    Raises:
        InputError: See :func:`decisions_after`, or the next network exceeds its limits in any
            width.
    """
    measured, decisions = decisions_after(job, architecture, result, settings, before)
    return Step(measured, decisions, apply(architecture, decisions, settings, limits))


def decisions_after(
    job: Path,
    architecture: Architecture,
    result: JobResult,
    settings: EnvelopeNet,
    before: Sequence[Earlier] = (),
) -> tuple[Statistics, Decisions]:
    """Return what an iteration's training measured, and what is decided on it.

    Args:
        job: Directory of the iteration's job, the beginning of error messages.
        architecture: The network that it trained.
        result: Its result.
        settings: The ``envelopenet`` section of the experiment.
        before: Networks and results of the iterations before it.

    Raises:
        InputError: The result lacks what the policy needs or does not fit the network, or a
            tournament has not chosen yet.
    """
    proposals = proposals_after(job, architecture, result, settings, before)
    chosen = read_choice(job).winner if len(proposals) > 1 else next(iter(proposals))
    if chosen not in proposals:
        raise InputError(
            f"{job / CHOICE}: winner: expected one of {', '.join(proposals)}, received {chosen!r}"
        )
    return _measured(job, architecture, result, settings.ranking), proposals[chosen]


def is_decided(job: Path, proposals: Mapping[str, Decisions]) -> bool:
    """Return whether it is known what follows from an iteration's training.

    Args:
        job: Directory of the iteration's job.
        proposals: What may follow, see :func:`proposals_after`.
    """
    return len(proposals) == 1 or (job / CHOICE).is_file()


def proposals_after(
    job: Path,
    architecture: Architecture,
    result: JobResult,
    settings: EnvelopeNet,
    before: Sequence[Earlier] = (),
) -> Mapping[str, Decisions]:
    """Return name -> decisions of all that may follow from an iteration's training.

    Args:
        job: Directory of the iteration's job, the beginning of error messages.
        architecture: The network that it trained.
        result: Its result.
        settings: The ``envelopenet`` section of the experiment.
        before: Networks and results of the iterations before it.

    Raises:
        InputError: The result lacks what the policy needs, or does not fit the network.
    """
    trained = [(network, earlier.accuracy) for network, earlier in before]
    return propose(
        architecture,
        lambda ranking: _measured(job, architecture, result, ranking),
        settings,
        resting_stages(settings, [*trained, (architecture, result.accuracy)]),
    )


def _measured(job: Path, architecture: Architecture, result: JobResult, ranking: str) -> Statistics:
    value: dict[str, Any] = {"featuremaps": result.featuremaps, "gates": result.gates}
    value["rounds"] = to_json(result).get("rounds", [])
    return parse_statistics(value, architecture, str(job / STATISTICS), ranking)

"""A judgement: ``judgement.json`` as a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from nac.runs.layout import JUDGE, JUDGEMENT, judgement_files
from nac.utils.errors import InputError
from nac.utils.files import read_json, write_json
from nac.utils.records import from_json, to_json


@dataclass(frozen=True)
class JudgedBranch:
    """A branch and its worth.

    Attributes:
        layer: Index of its layer.
        branch: Its name, such as ``Branch2``.
        block: Its convolution block, such as ``3x3sep``.
        stage: Number of its stage, from 1.
        loss_increase: Cross-entropy on the validation images without the branch minus with it.
        accuracy_loss: Accuracy on the validation images with the branch minus without it.
        metrics: Everything that rankings are computed from, see
            :class:`nac.config.rankings.Ranking`.
        retrained_increase: Cross-entropy on the validation images of the network that was trained
            without the branch, minus that of the complete one, both with the seed of the training;
            None if no network was trained without it.
    """

    layer: int
    branch: str
    block: str
    stage: int
    loss_increase: float
    accuracy_loss: float
    metrics: Mapping[str, float]
    retrained_increase: float | None = None


@dataclass(frozen=True)
class Agreement:
    """How far a ranking agrees with the worth of branches.

    Attributes:
        stages: Kendall's tau-b per stage between strength and worth; None where all strengths or
            all worths are equal, or where no branch was judged.
        mean: Mean over the stages that have a tau, None if there are none.
    """

    stages: tuple[float | None, ...]
    mean: float | None


@dataclass(frozen=True)
class MeanAgreement(Agreement):
    """The mean over trainings with different seeds.

    Attributes:
        deviation: Sample deviation of the trainings' own means, None with fewer than two.
    """

    deviation: float | None


@dataclass(frozen=True)
class JudgedTraining:
    """What one training says about branches and rankings.

    Attributes:
        images: Number of validation images.
        loss: Cross-entropy of the complete network on them.
        accuracy: Its accuracy on them.
        agreement: Ranking -> how far it agrees with the worth of the branches.
        branches: The branches that are judged, in the order of the architecture.
    """

    images: int
    loss: float
    accuracy: float
    agreement: Mapping[str, Agreement]
    branches: tuple[JudgedBranch, ...]


@dataclass(frozen=True)
class Judgement:
    """What ``nac.judge`` found for an iteration.

    Attributes:
        run: Name of the run.
        iteration: Number of the iteration.
        notation: Its network, ``C/n1-n2/M``.
        dataset: The data set.
        validation_share: Share of the training images that was held out.
        branch_gates: Whether branches had learnable gates.
        recalibrate: Whether batch norms were re-estimated without each branch.
        agreement: Ranking -> its agreement over all trainings.
        seeds: Seed -> what that training says.
        retrained_of: Number of branches of the network, if networks were trained without a branch:
            what a branch is worth is then the mean of ``retrained_increase`` over the seeds. None:
            it is the ``loss_increase`` of the same training.
    """

    VERSION: ClassVar[int] = 1

    run: str
    iteration: int
    notation: str
    dataset: str
    validation_share: float
    branch_gates: bool
    recalibrate: bool
    agreement: Mapping[str, MeanAgreement]
    seeds: Mapping[int, JudgedTraining]
    retrained_of: int | None = None


def write_judgement(directory: Path, judgement: Judgement) -> None:
    """Write ``judgement.json``, whole or not at all."""
    write_json(directory / JUDGEMENT, to_json(judgement))


def read_judgements(runs: Sequence[Path]) -> list[Judgement]:
    """Return all judgements of some runs.

    Raises:
        InputError: A run has none, or one is damaged.
    """
    judgements = []
    for run in runs:
        paths = judgement_files(run)
        if not paths:
            raise InputError(
                f"{run / JUDGE}: expected a {JUDGEMENT} of some iteration, received none"
                f" (nac judge --run={run} writes it)"
            )
        judgements += [from_json(Judgement, read_json(path), str(path)) for path in paths]
    return judgements

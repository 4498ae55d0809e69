"""From measurements to a judgement, and a judgement as a table for people."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nac.architecture.keys import branch_key
from nac.config import Experiment
from nac.judging.agreement import agreement, over_seeds
from nac.judging.result import Agreement, JudgedBranch, JudgedTraining, Judgement
from nac.judging.retrained_worth import OTHER_SEED, SILENCED, between_seeds
from nac.runs.result import JobResult
from nac.utils.tables import table

if TYPE_CHECKING:
    from nac.judging.worth import Worth  # imports TensorFlow


def judged_training(job: Experiment, result: JobResult, worth: "Worth") -> JudgedTraining:
    """Return what one training says about branches and rankings.

    Args:
        job: The job that trained the network.
        result: What the training measured.
        worth: Scores of the network with all branches and without each of them.
    """
    architecture, complete = job.architecture, worth.complete
    branches = tuple(
        JudgedBranch(
            layer=layer,
            branch=branch,
            block=architecture.block(layer, branch),
            stage=architecture.stage_of(layer),
            loss_increase=score.loss - complete.loss,
            accuracy_loss=complete.accuracy - score.accuracy,
            metrics=result.measured_values(branch_key(layer, branch)),
        )
        for (layer, branch), score in worth.without.items()
    )
    scores = {"images": worth.images, "loss": complete.loss, "accuracy": complete.accuracy}
    found = agreement(branches, [branch.loss_increase for branch in branches])
    return JudgedTraining(**scores, agreement=found, branches=branches)


def judge(
    run: str,
    iteration: int,
    job: Experiment,
    recalibrate: bool,
    trainings: Mapping[int, JudgedTraining],
    retrained_of: int | None = None,
) -> Judgement:
    """Return the judgement of an iteration.

    Args:
        run: Name of the run.
        iteration: Number of the iteration.
        job: One of the trained jobs, which differ in their seed alone.
        recalibrate: Whether batch norms were re-estimated without each branch.
        trainings: Seed -> what that training says.
        retrained_of: Number of branches of the network, None unless it was trained without some.
    """
    parameters = job.parameters
    found = over_seeds([training.agreement for training in trainings.values()])
    pairs = between_seeds(list(trainings.values()))
    return Judgement(
        run=run,
        iteration=iteration,
        notation=str(job.architecture.notation),
        dataset=parameters.dataset,
        validation_share=parameters.validation_share,
        branch_gates=parameters.branch_gates,
        recalibrate=recalibrate,
        agreement={**found, **(over_seeds(pairs) if pairs else {})},
        seeds=trainings,
        retrained_of=retrained_of,
    )


def judgement_text(judgement: Judgement) -> str:
    """Return the agreement of each ranking as a table, best first."""
    ranked = sorted(judgement.agreement.items(), key=lambda item: -_sortable(item[1]))
    count = max((len(row.stages) for row in judgement.agreement.values()), default=0)
    header = ["ranking", *(f"stage {number}" for number in range(1, 1 + count)), "mean"]
    rows = [[name, *map(tau_cell, [*row.stages, row.mean])] for name, row in ranked]
    if len(judgement.seeds) > 1:
        header.append("deviation")
        rows = [
            [*cells, tau_cell(row.deviation)] for cells, (_, row) in zip(rows, ranked, strict=True)
        ]
    return "\n".join([_heading(judgement), "", table(header, rows)])


def _heading(judgement: Judgement) -> str:
    about = _retraining if judgement.retrained_of else _silencing
    return (
        f"{judgement.notation} on {judgement.dataset}, iteration {judgement.iteration},"
        f" seed {', '.join(map(str, judgement.seeds))}\n{about(judgement)}"
    )


def _silencing(judgement: Judgement) -> str:
    first = next(iter(judgement.seeds.values()))
    calibrated = ", batch norms re-estimated without the branch" if judgement.recalibrate else ""
    return (
        f"Kendall's tau of each ranking with the loss increase on {first.images:,} validation"
        f" images without a branch{calibrated}; {len(first.branches)} branches"
    )


def _retraining(judgement: Judgement) -> str:
    first, seeds = next(iter(judgement.seeds.values())), len(judgement.seeds)
    judged = len(first.branches)
    lines = [
        "Kendall's tau of each ranking with the worth of a branch: the loss on"
        f" {first.images:,} validation images",
        "of the network trained without it, minus that of the complete network, mean over seeds;",
        f"{judged} of {judgement.retrained_of} branches, {seeds * (1 + judged)} trainings",
        f"{SILENCED}: loss increase without the branch and without training, batch norms"
        " re-estimated",
    ]
    if OTHER_SEED in judgement.agreement:
        lines.append(
            f"{OTHER_SEED}: the worth by one seed with that by another; noise keeps it below 1"
        )
    return "\n".join(lines)


def _sortable(agreement: Agreement) -> float:
    return -2.0 if agreement.mean is None else agreement.mean


def tau_cell(tau: float | None) -> str:
    """Return a tau as a cell of a table."""
    return "-" if tau is None else f"{tau:.3f}"

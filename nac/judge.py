"""``python -m nac.judge``: which ranking knows what a branch is worth?

    python -m nac.judge --run=runs/digits --iteration=0 --seeds=0,1,2

trains the network of an iteration once more, as that iteration did, and keeps the model. Then it
silences one branch after the other and looks by how much the loss on the validation images grows:
what the branch is worth. A table shows how each ranking that ``envelopenet.ranking`` can name
agrees with that, as Kendall's tau per stage: 1 is the same order, 0 none, -1 the opposite one.
Everything lies in ``<run>/judge/<iteration>``; the same command again trains nothing twice.

    python -m nac.judge --summarize=runs/digits,runs/fashion_small

prints all judgements of some runs as one table, and trains nothing.

The images must be held out: by ``parameters.validation_share`` of the run, or by
``--validation_share``.
"""

import json
import sys
from pathlib import Path
from typing import Any

from absl import flags

from nac.cli.command_line import quietly, require_flags
from nac.cli.command_line import run as run_command
from nac.cli.machine_flags import forwarded_flags
from nac.config import Experiment
from nac.judging.agreement import agreement, over_seeds
from nac.judging.jobs import Changes, judge_directory, judged_jobs
from nac.judging.report import judged_branches, judgement_text
from nac.judging.summary import read_judgements, summary_text
from nac.runs.jobs import run_in_process
from nac.runs.layout import JUDGEMENT
from nac.utils.errors import NacError
from nac.utils.files import write_json
from nac.utils.processes import locked

flags.DEFINE_string("run", None, "Run directory of nac.construct.")
flags.DEFINE_integer("iteration", 0, "Which of its iterations; 0 is the prior's.", lower_bound=0)
flags.DEFINE_list(
    "seeds", [], "Seeds, such as 0,1,2: one training each; default: the iteration's own seed."
)
flags.DEFINE_float(
    "validation_share",
    None,
    "Share of the training images to hold out, in place of parameters.validation_share.",
    lower_bound=0.0,
    upper_bound=0.5,
)
flags.DEFINE_bool(
    "branch_gates",
    None,
    "Whether branches have learnable gates, which the ranking branch_gate needs; default: as the"
    " run has them.",
)
flags.DEFINE_bool(
    "recalibrate",
    False,
    "Re-estimate batch norms on training images for each silent branch, as after its pruning.",
)
flags.DEFINE_bool("json", False, "Print judgement.json instead of a table; training is silent.")
flags.DEFINE_list("summarize", [], "Runs whose judgements to print as one table instead.")
FLAGS = flags.FLAGS


def main() -> None:
    """Judge the rankings by one iteration, or print what several judgements found."""
    if FLAGS.summarize:
        print(summary_text(read_judgements(list(map(Path, FLAGS.summarize)))))
        return
    require_flags("run")
    run, iteration = Path(FLAGS.run), FLAGS.iteration
    changes = Changes(_seeds(), FLAGS.validation_share, FLAGS.branch_gates)
    jobs = judged_jobs(run, iteration, changes)
    directory = judge_directory(run, iteration)
    with locked(directory, "judgement"):
        statistics = {seed: _train(job, _place(directory, seed)) for seed, job in jobs.items()}
        with quietly():
            trained = {seed: _judge(jobs[seed], statistics[seed], directory) for seed in jobs}
        judgement = _judgement(jobs, trained)
        write_json(directory / JUDGEMENT, judgement)
    if FLAGS.json:
        print(json.dumps(judgement, indent=2))
    else:
        print(f"\n{judgement_text(judgement)}\n\nin {directory / JUDGEMENT}")


def _seeds() -> list[int]:
    if not all(text.isdecimal() for text in FLAGS.seeds):
        raise NacError(
            f"--seeds: expected integers >= 0 such as 0,1,2, received {','.join(FLAGS.seeds)}"
        )
    return list(dict.fromkeys(map(int, FLAGS.seeds)))


def _place(directory: Path, seed: int) -> Path:
    return directory / f"seed{seed}"


def _train(job: Experiment, place: Path) -> dict[str, Any]:
    """Return the statistics of a training, which ends here if the user interrupts it."""
    try:
        return run_in_process(job, place, forwarded_flags(), quiet=FLAGS.json)
    except KeyboardInterrupt:
        print("\ninterrupted; the same command continues this judgement", file=sys.stderr)
        sys.exit(130)


def _judge(job: Experiment, statistics: dict[str, Any], directory: Path) -> dict[str, Any]:
    """Return what one training says of the branches and of the rankings."""
    # TensorFlow takes seconds: only after the checks
    from nac.judging.worth import job_worth
    from nac.training.strategies import make_strategy

    place = _place(directory, job.parameters.seed)
    worth = job_worth(job, place, make_strategy("one"), FLAGS.data_dir, FLAGS.recalibrate)
    branches = judged_branches(job.architecture, statistics, worth.whole, worth.without)
    return {
        "images": worth.images,
        "loss": worth.whole.loss,
        "accuracy": worth.whole.accuracy,
        "agreement": agreement(branches),
        "branches": branches,
    }


def _judgement(jobs: dict[int, Experiment], trained: dict[int, dict[str, Any]]) -> dict[str, Any]:
    job = next(iter(jobs.values()))
    parameters = job.parameters
    return {
        "run": Path(FLAGS.run).resolve().name,
        "iteration": FLAGS.iteration,
        "notation": str(job.architecture.notation),
        "dataset": parameters.dataset,
        "validation_share": parameters.validation_share,
        "branch_gates": parameters.branch_gates,
        "recalibrate": FLAGS.recalibrate,
        "agreement": over_seeds([one["agreement"] for one in trained.values()]),
        "seeds": {str(seed): one for seed, one in trained.items()},
    }


def run() -> None:
    """Entry point of the console script."""
    run_command(main)


if __name__ == "__main__":
    run()

"""Judge which ranking knows best what the branches of a network are worth.

    nac judge --run=runs/digits --iteration=0 --seeds=0,1,2

trains the network of an iteration again, as that iteration did, and keeps the model. Then it
silences one branch after the other and measures by how much the loss on the validation images
grows: that is what the branch is worth. A table shows how well each ranking agrees with this, as
Kendall's tau per stage: 1 is the same order, 0 no relation, -1 the opposite order. Everything is
written to ``<run>/judge/<iteration>``; the same command trains nothing twice.

    nac judge --summarize=runs/digits,runs/fashion_small

prints all judgements of several runs as one table, and trains nothing.

Validation images must be held out, by ``parameters.validation_share`` of the run or by
``--validation_share``.
"""

import json
from collections import deque
from pathlib import Path

from absl import flags

from nac.cli.command import command, interruptible, quietly, require_flags
from nac.cli.machine_flags import define_machine_flags, forwarded_flags
from nac.config import Experiment
from nac.judging.jobs import Changes, judged_jobs
from nac.judging.report import judge, judged_training, judgement_text
from nac.judging.result import JudgedTraining, read_judgements, write_judgement
from nac.judging.summary import summary_text
from nac.runs.jobs import JobRunner
from nac.runs.layout import DECODED, JUDGEMENT, is_done, judge_directory, seed_directory
from nac.runs.result import JobResult
from nac.utils.errors import NacError
from nac.utils.processes import locked
from nac.utils.records import to_json

FLAGS = flags.FlagValues()
flags.DEFINE_string("run", None, "Run directory of nac construct.", flag_values=FLAGS)
flags.DEFINE_integer(
    "iteration", 0, "Iteration to judge; 0 is that of the prior.", lower_bound=0, flag_values=FLAGS
)
flags.DEFINE_list(
    "seeds",
    [],
    "Seeds, such as 0,1,2, with one training each; default: the iteration's own seed.",
    flag_values=FLAGS,
)
flags.DEFINE_float(
    "validation_share",
    None,
    "Share of the training images to hold out, in place of parameters.validation_share.",
    lower_bound=0.0,
    upper_bound=0.5,
    flag_values=FLAGS,
)
flags.DEFINE_bool(
    "branch_gates",
    None,
    "Whether branches have learnable gates, which the ranking branch_gate needs; default: as in"
    " the run.",
    flag_values=FLAGS,
)
flags.DEFINE_bool(
    "recalibrate",
    False,
    "Re-estimate batch norms on training images for each silenced branch, as after pruning it.",
    flag_values=FLAGS,
)
flags.DEFINE_bool(
    "json",
    False,
    "Print judgement.json instead of a table; trainings print nothing.",
    flag_values=FLAGS,
)
flags.DEFINE_list(
    "summarize", [], "Print the judgements of these runs as one table instead.", flag_values=FLAGS
)
define_machine_flags(FLAGS)


def main() -> None:
    """Judge the rankings by one iteration, or print what several judgements found."""
    if FLAGS.summarize:
        print(summary_text(read_judgements(list(map(Path, FLAGS.summarize)))))
        return
    require_flags(FLAGS, "run")
    run, iteration = Path(FLAGS.run), FLAGS.iteration
    changes = Changes(_seeds(), FLAGS.validation_share, FLAGS.branch_gates)
    jobs = judged_jobs(run, iteration, changes)
    directory = judge_directory(run, iteration)
    with locked(directory, "judgement"):
        results = _train_all(jobs, directory)
        with quietly():
            trainings = {seed: _judge(job, results[seed], directory) for seed, job in jobs.items()}
        job = next(iter(jobs.values()))
        judgement = judge(run.resolve().name, iteration, job, FLAGS.recalibrate, trainings)
        write_judgement(directory, judgement)
    if FLAGS.json:
        print(json.dumps(to_json(judgement), indent=2))
    else:
        print(f"\n{judgement_text(judgement)}\n\nin {directory / JUDGEMENT}")


def _seeds() -> list[int]:
    if not all(text.isdecimal() for text in FLAGS.seeds):
        raise NacError(
            f"--seeds: expected integers >= 0 such as 0,1,2, received {','.join(FLAGS.seeds)}"
        )
    return list(dict.fromkeys(map(int, FLAGS.seeds)))


def _train_all(jobs: dict[int, Experiment], directory: Path) -> dict[int, JobResult]:
    """Return the results of all trainings; the command ends here if the user interrupts it."""
    places = {seed: seed_directory(directory, seed) for seed in jobs}
    arguments = forwarded_flags(FLAGS)
    upcoming = deque(arguments for place in places.values() if not is_done(place))
    runner = JobRunner(upcoming, directory / DECODED, quiet=FLAGS.json)
    with interruptible("judgement"), runner:
        return {seed: runner.run(job, places[seed], arguments) for seed, job in jobs.items()}


def _judge(job: Experiment, result: JobResult, directory: Path) -> JudgedTraining:
    """Return what one training says about branches and rankings."""
    # TensorFlow takes seconds: only after the checks
    from nac.judging.worth import job_worth
    from nac.training.strategies import make_strategy

    job_directory = seed_directory(directory, job.parameters.seed)
    worth = job_worth(job, job_directory, make_strategy("one"), FLAGS.data_dir, FLAGS.recalibrate)
    return judged_training(job, result, worth)


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()

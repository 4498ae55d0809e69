"""Judge which ranking knows best what the branches of a network are worth.

    nac judge --run=runs/digits --iteration=0 --seeds=0,1,2

trains the network of an iteration again, as that iteration did, and keeps the model. Then it
silences one branch after the other and measures by how much the loss on the validation images
grows: that is what the branch is worth. A table shows how well each ranking agrees with this, as
Kendall's tau per stage: 1 is the same order, 0 no relation, -1 the opposite order. Everything is
written to ``<run>/judge/<iteration>``; the same command trains nothing twice.

    nac judge --run=runs/digits --iteration=0 --seeds=0,1,2 --retrain --branches=12

asks what decides in construction: how good the network is that is trained without a branch. Without
each branch, or each of a sample of them, the network is made as construction would make it and
trained with each seed. The branch is worth the loss of these networks minus that of the complete
ones, mean over seeds. Two more rows show how well this is known by silencing the branch, and by
retraining with another seed. Everything is written to ``<run>/judge/<iteration>/retrained``; a
larger sample adds trainings.

    nac judge --summarize=runs/digits,runs/fashion_small

prints all judgements of several runs as one table, and trains nothing.

With ``--executor=ray`` trainings run side by side on the machines of a Ray cluster
(docs/cluster.md).

Validation images must be held out, by ``parameters.validation_share`` of the run or by
``--validation_share``.
"""

import json
from pathlib import Path

from absl import flags

from nac.cli.command import command, interruptible, require_flags
from nac.cli.executor_flags import define_executor_flags, machines_of
from nac.cli.machine_flags import define_machine_flags, forwarded_flags
from nac.cluster.machines import RAY, opened_executor
from nac.data.datasets import looked_at
from nac.display.choice import fitting_display
from nac.display.display import Display
from nac.judging.jobs import Changes, judged_jobs, run_experiment
from nac.judging.report import judge, judged_training, judgement_text
from nac.judging.result import JudgedTraining, Judgement, read_judgements, write_judgement
from nac.judging.retrained_worth import judged_by_retraining
from nac.judging.retraining import networks_without
from nac.judging.summary import summary_text
from nac.judging.trainings import (
    Results,
    Training,
    Trainings,
    complete_trainings,
    train,
    trainings_without,
)
from nac.runs.block_times import run_times
from nac.runs.budget import limits_of
from nac.runs.executors import Executor
from nac.runs.layout import JUDGEMENT, judge_directory, retrained_directory
from nac.runs.result import JobResult
from nac.utils.errors import InputError, NacError
from nac.utils.processes import locked, quietly
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
    "Re-estimate batch norms on training images for each silenced branch, as after pruning it;"
    " --retrain always does.",
    flag_values=FLAGS,
)
flags.DEFINE_bool(
    "retrain",
    False,
    "Judge by networks that are trained without a branch: with each seed as many trainings as there"
    " are branches, besides that of the complete network.",
    flag_values=FLAGS,
)
flags.DEFINE_integer(
    "branches",
    None,
    "With --retrain, number of branches to judge, evenly over the stages that construction prunes;"
    " default: all that can be removed.",
    lower_bound=1,
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
define_executor_flags(FLAGS)
define_machine_flags(FLAGS)


def main() -> None:
    """Judge the rankings by one iteration, or print what several judgements found."""
    if FLAGS.summarize:
        print(summary_text(read_judgements(list(map(Path, FLAGS.summarize)))))
        return
    require_flags(FLAGS, "run")
    if FLAGS.branches and not FLAGS.retrain:
        raise InputError(
            f"--branches: expected --retrain as well, received --branches={FLAGS.branches} alone"
        )
    display = fitting_display(quiet=FLAGS.json)
    with (
        interruptible("judgement"),
        opened_executor(machines_of(FLAGS), FLAGS.strategy, display) as executor,
    ):
        if executor:
            _judge_run(Path(FLAGS.run), display, executor)


def _judge_run(run: Path, display: Display, executor: Executor) -> None:
    directory = judge_directory(run, FLAGS.iteration)
    place = retrained_directory(directory) if FLAGS.retrain else directory
    judgement = _judged(run, directory, place, display, executor)
    if FLAGS.json:
        print(json.dumps(to_json(judgement), indent=2))
    else:
        print(f"\n{judgement_text(judgement)}\n\nin {place / JUDGEMENT}")


def _judged(
    run: Path, directory: Path, place: Path, display: Display, executor: Executor
) -> Judgement:
    """Train what is not done yet, and write and return the judgement."""
    trainings = _trainings(run, directory)
    with locked(directory, "judgement"):
        flags_of_jobs = forwarded_flags(FLAGS)
        # On this machine, each training has all GPUs.
        slots = executor.slots(None) if FLAGS.executor == RAY else ({},)
        results = train(trainings.in_order, directory, flags_of_jobs, display, executor, slots)
        judgement = _judgement(run.resolve().name, trainings, results)
        write_judgement(place, judgement)
    return judgement


def _seeds() -> list[int]:
    if not all(text.isdecimal() for text in FLAGS.seeds):
        raise NacError(
            f"--seeds: expected integers >= 0 such as 0,1,2, received {','.join(FLAGS.seeds)}"
        )
    return list(dict.fromkeys(map(int, FLAGS.seeds)))


def _trainings(run: Path, directory: Path) -> Trainings:
    changes = Changes(_seeds(), FLAGS.validation_share, FLAGS.branch_gates)
    jobs = judged_jobs(run, FLAGS.iteration, changes)
    looked_at(next(iter(jobs.values())), FLAGS.data_dir)  # now, and not after some seconds in a job
    complete = complete_trainings(jobs, directory)
    if not FLAGS.retrain:
        return Trainings(complete)
    experiment, network = run_experiment(run), next(iter(jobs.values())).need("arch")
    limits = limits_of(experiment, FLAGS.data_dir, run_times(run))
    settings = experiment.need("envelopenet")
    networks = networks_without(network, settings, limits, FLAGS.branches)
    return Trainings(complete, trainings_without(networks, jobs, directory))


def _judgement(run: str, trainings: Trainings, results: Results) -> Judgement:
    """Return what trainings say that are done."""
    with quietly():
        judged = {
            seed: _judge(training, results[training.directory])
            for seed, training in trainings.complete.items()
        }
    job, retrained_of = next(iter(trainings.complete.values())).job, None
    if FLAGS.retrain:
        judged = judged_by_retraining(judged, trainings.increases(results))
        retrained_of = len(job.need("arch").branches())
    return judge(run, FLAGS.iteration, job, _recalibrate(), judged, retrained_of)


def _judge(training: Training, result: JobResult) -> JudgedTraining:
    """Return what a training of the complete network says about branches and rankings."""
    # TensorFlow takes seconds: only after the checks
    from nac.judging.worth import job_worth
    from nac.training.strategies import make_strategy

    job, strategy = training.job, make_strategy("one")
    worth = job_worth(job, training.directory, strategy, FLAGS.data_dir, _recalibrate())
    return judged_training(job, result, worth)


def _recalibrate() -> bool:
    return FLAGS.recalibrate or FLAGS.retrain


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()

"""Simulate the queue of jobs of nac on nodes that fail.

    tools/simulate_queue --config=experiments/imagenet/construct.yaml --nodes=1,8,64 \\
        --constructions=8 --training_ms=180 --child_ms=1200

simulates constructions: truncated trainings one after the other, after each of them the tournament
of the experiment, whose trainings run side by side and wait for each other, and a full training.
With --compared=60 it simulates a comparison instead: so many full trainings that depend on nothing.

A node fails after an exponentially distributed time and is repaired. Its jobs are noticed to be
lost some time later, and go on at their newest checkpoints; a job on several nodes is lost if one
of them fails. What the GPUs did is printed as mean and deviation over the seeds, in percent:

    useful     training that counts
    saving     standing still to save a checkpoint
    starting   starting processes, reading images, compiling
    lost       training that is done once more, as no checkpoint has it
    detecting  held by jobs that were lost already
    down       under repair
    idle       without a job

Times of steps are not measured here. tools/scale_plan computes some, docs/cluster.md shows them.
"""

import math
from collections.abc import Sequence

from absl import flags

from nac.cli.command import command
from nac.config import load_experiment
from nac.utils.errors import InputError
from tools.simulation.closed_forms import best_interval, expected_seconds
from tools.simulation.cluster import Cluster, Job, Run
from tools.simulation.defaults import (
    DETECTION_SECONDS,
    MTBF_DAYS,
    REPAIR_HOURS,
    SAVE_SECONDS,
    START_SECONDS,
    checkpoint_seconds,
)
from tools.simulation.report import TITLES, row, table_text, tallies
from tools.simulation.tally import DAY, HOUR
from tools.simulation.workloads import Speed, comparison, construction

FLAGS = flags.FlagValues()
flags.DEFINE_string("config", None, "Experiment file with an envelopenet.", flag_values=FLAGS)
flags.DEFINE_list("nodes", ["1"], "Numbers of nodes, a row for each.", flag_values=FLAGS)
flags.DEFINE_integer("gpus", 8, "GPUs of a node.", lower_bound=1, flag_values=FLAGS)
flags.DEFINE_integer(
    "constructions", 1, "Constructions that begin together.", lower_bound=1, flag_values=FLAGS
)
flags.DEFINE_integer(
    "compared", 0, "Jobs of a comparison; 0: simulate constructions.", 0, flag_values=FLAGS
)
flags.DEFINE_integer(
    "training_gpus",
    8,
    "GPUs of a truncated and of a full training: of one node, or of whole nodes.",
    lower_bound=1,
    flag_values=FLAGS,
)
flags.DEFINE_float("training_ms", 100.0, "Time of a step of these.", 0.0, flag_values=FLAGS)
flags.DEFINE_integer(
    "child_gpus",
    1,
    "GPUs of a training of a tournament or of a comparison.",
    lower_bound=1,
    flag_values=FLAGS,
)
flags.DEFINE_float("child_ms", 800.0, "Time of a step of these.", 0.0, flag_values=FLAGS)
flags.DEFINE_float(
    "mtbf_days",
    MTBF_DAYS,
    "Mean days between failures of a node; 0: none fails.",
    0.0,
    flag_values=FLAGS,
)
flags.DEFINE_float("repair_hours", REPAIR_HOURS, "Time of a repair.", 0.0, flag_values=FLAGS)
flags.DEFINE_float(
    "detection_seconds", DETECTION_SECONDS, "Time until a loss is noticed.", 0.0, flag_values=FLAGS
)
flags.DEFINE_float(
    "checkpoint_seconds",
    checkpoint_seconds(),
    "Time between checkpoints.",
    0.001,
    flag_values=FLAGS,
)
flags.DEFINE_float("save_seconds", SAVE_SECONDS, "Time to save one.", 0.0, flag_values=FLAGS)
flags.DEFINE_float(
    "start_seconds",
    START_SECONDS,
    "Time from the start of a job to its first step.",
    0.0,
    flag_values=FLAGS,
)
flags.DEFINE_integer("seeds", 10, "Number of simulations.", lower_bound=2, flag_values=FLAGS)
flags.DEFINE_bool("markdown", False, "Print the table as Markdown.", flag_values=FLAGS)


def main() -> None:
    """Simulate and print."""
    rows, notes = [], []
    for nodes in map(_count, FLAGS.nodes):
        cluster = _cluster(nodes)
        runs = _runs()
        rows.append([str(nodes), *row(tallies(cluster, runs, FLAGS.seeds))])
        notes.append(note(cluster, runs))
    print(table_text(["nodes", *TITLES], rows, FLAGS.markdown))
    print("\n" + "\n".join(notes))


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise InputError(f"--nodes: expected numbers of nodes, received {text!r}")
    return int(text)


def _cluster(nodes: int) -> Cluster:
    return Cluster(
        nodes=nodes,
        gpus=FLAGS.gpus,
        mtbf=FLAGS.mtbf_days * DAY or math.inf,
        repair=FLAGS.repair_hours * HOUR,
        detection=FLAGS.detection_seconds,
        checkpoint=FLAGS.checkpoint_seconds,
        save=FLAGS.save_seconds,
        start=FLAGS.start_seconds,
    )


def _runs() -> list[Run]:
    if not FLAGS.config:
        raise InputError("--config: expected an experiment file, received none")
    experiment = load_experiment(FLAGS.config)
    child = Speed(FLAGS.child_gpus, FLAGS.child_ms / 1000.0)
    if FLAGS.compared:
        return [comparison(experiment, FLAGS.compared, child)]
    training = Speed(FLAGS.training_gpus, FLAGS.training_ms / 1000.0)
    return [construction(experiment, training, child)] * FLAGS.constructions


def note(cluster: Cluster, runs: Sequence[Run]) -> str:
    """Return what the closed forms say of the longest job, if it has always enough nodes."""
    longest = max((job for run in runs for phase in run for job in phase), key=_gpu_seconds)
    expected = expected_seconds(longest, cluster, cluster.detection)
    best = best_interval(longest, cluster)
    return (
        f"{cluster.nodes} x {cluster.gpus} GPUs: the longest job, {longest.seconds / HOUR:,.1f} h"
        f" on {longest.gpus} GPUs, takes {expected / HOUR:,.1f} h on average if a spare node is"
        f" always there; the best interval between checkpoints is {best:,.0f} s"
    )


def _gpu_seconds(job: Job) -> float:
    return job.gpus * job.seconds


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()

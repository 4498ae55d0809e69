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
import random
import statistics
from collections.abc import Callable, Sequence
from functools import partial

from absl import flags

from nac.cli.command import command
from nac.cli.machine_flags import define_machine_flags
from nac.config import load_experiment
from nac.utils.errors import InputError
from nac.utils.leases import SILENCE
from nac.utils.tables import table
from tools.simulation.closed_forms import best_interval, expected_seconds
from tools.simulation.cluster import Cluster, Job, Run
from tools.simulation.queue import simulate
from tools.simulation.tally import DAY, Tally
from tools.simulation.workloads import Speed, comparison, construction

HOUR = 3600.0


def default_checkpoint_seconds() -> float:
    """Return the seconds between checkpoints of a job whose command says nothing of it."""
    values = flags.FlagValues()
    define_machine_flags(values)
    seconds: float = values["checkpoint_seconds"].default
    return seconds


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
    264.0,
    "Mean days between failures of a node; 0: none fails.",
    0.0,
    flag_values=FLAGS,
)
flags.DEFINE_float("repair_hours", 24.0, "Time of a repair.", 0.0, flag_values=FLAGS)
flags.DEFINE_float(
    "detection_seconds", SILENCE, "Time until a loss is noticed.", 0.0, flag_values=FLAGS
)
flags.DEFINE_float(
    "checkpoint_seconds",
    default_checkpoint_seconds(),
    "Time between checkpoints.",
    0.001,
    flag_values=FLAGS,
)
flags.DEFINE_float("save_seconds", 1.0, "Time to save one.", 0.0, flag_values=FLAGS)
flags.DEFINE_float(
    "start_seconds",
    120.0,
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


def tallies(cluster: Cluster, runs: Sequence[Run], seeds: int) -> list[Tally]:
    """Return the outcome of a simulation with each of the seeds from 0 on."""
    return [simulate(cluster, runs, lifetimes(cluster, seed)) for seed in range(seeds)]


def lifetimes(cluster: Cluster, seed: int) -> Callable[[], float]:
    """Return a function that draws the seconds until a node fails."""
    if math.isinf(cluster.mtbf):
        return lambda: math.inf
    return partial(random.Random(seed).expovariate, 1.0 / cluster.mtbf)


SHARES = ("useful", "saving", "starting", "lost", "detecting", "down", "idle")
TITLES = ("jobs", "lost jobs", "days", "jobs/day", *(f"{share} %" for share in SHARES))


def row(outcomes: Sequence[Tally]) -> list[str]:
    """Return the cells of a row: means and deviations over simulations."""
    return [
        f"{outcomes[0].jobs:,}",
        _spread([outcome.failures for outcome in outcomes], 1),
        _spread([outcome.makespan / DAY for outcome in outcomes], 2),
        _spread([outcome.jobs_per_day for outcome in outcomes], 2),
        *(
            _spread([100.0 * outcome.shares()[share] for outcome in outcomes], 2)
            for share in SHARES
        ),
    ]


def _spread(values: Sequence[float], digits: int) -> str:
    mean, deviation = statistics.mean(values), statistics.stdev(values)
    return f"{mean:,.{digits}f} ± {deviation:,.{digits}f}"


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


def table_text(titles: Sequence[str], rows: Sequence[Sequence[str]], markdown: bool) -> str:
    """Return a table for a terminal, or as Markdown."""
    if not markdown:
        return table(list(titles), [list(row) for row in rows])
    lines = [titles, ["---:"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()

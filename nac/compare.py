"""Compare the constructed network of a run with other networks.

    nac compare --run=runs/digits --random=10 --seeds=3

trains the constructed network, its prior, the worst case of construction and random networks with
the same depth and number of blocks, all by the run's ``final_training`` and with the same seeds. It
then says how much better the constructed network is, and how certain that is. ``--noprior`` and
``--noworst_case`` leave these two out. In a run with a budget, random networks have as many
parameters and FLOPs as the constructed one, within 3%.

    nac compare --run=runs/digits --shuffled=5 --random_search

asks where a difference comes from. Shuffled networks have as many branches in each layer as the
constructed one, but others. Random search is what the seconds of the construction would have found
without it: the best of some random networks.

    nac compare --run=runs/digits --baselines=plain_cnn,resnet,mobilenet_v2

adds networks that people made by hand, each in the width at which it has as many parameters as the
constructed network (``--equal=flops``: as many FLOPs), within 3%.

    nac compare --run=runs/digits --rivals=keras_tuner,autokeras

asks what else the user would have had. Each rival searches and trains with each seed, in as many
seconds as the run took, search included. Of the construction only the full training is repeated
with each seed. Rivals follow the other jobs, one at a time.

All networks take as many steps as the run's full training did. So a comparison takes about the time
of that, times the number of networks, times the number of seeds. ``--random=0 --noprior
--noworst_case`` leaves only networks made by hand and rivals, besides the constructed one.

Several jobs run at a time if there are several GPUs, or with ``--parallel``, or on the machines of
a Ray cluster, with ``--executor=ray`` (docs/cluster.md). Everything is written to
``<run>/comparison``. The same command continues an interrupted comparison; more ``--baselines`` or
a larger ``--random`` or ``--seeds`` add jobs.
"""

from pathlib import Path

from absl import flags

from nac.cli.command import command, interruptible, require_flags
from nac.cli.display_flags import define_display_flags, display_of
from nac.cli.executor_flags import define_executor_flags, machines_of
from nac.cli.machine_flags import define_machine_flags, forwarded_flags
from nac.cluster.machines import opened_executor
from nac.comparison.conclusions import conclude
from nac.comparison.jobs import Comparison, comparison_tasks, job_runners, results
from nac.comparison.networks import (
    HANDMADE,
    Choice,
    check_baselines,
    choose_networks,
    load_finished_run,
)
from nac.comparison.progress import Reporter
from nac.comparison.result import ComparisonResult, write_comparison
from nac.comparison.rivals import Rivals, rival_tasks, rivals_of, with_rivals
from nac.comparison.table import as_csv, comparison_text
from nac.config.splits import TEST, VALIDATION, scored_on
from nac.construction.baselines import SKIPS
from nac.construction.equal_cost import MEASURES
from nac.data.datasets import image_facts, looked_at
from nac.display.display import Display
from nac.display.run_events import Line, Planned, Result, StagePlan
from nac.rivals.table import RIVALS, check_rivals
from nac.runs.block_times import run_times
from nac.runs.budget import equal_costs, limits_of
from nac.runs.executors import Executor, Slots
from nac.runs.layout import comparison_csv, comparison_json, is_done
from nac.runs.queue import run_all
from nac.utils import limits
from nac.utils.errors import InputError, NacError
from nac.utils.files import write_atomically
from nac.utils.processes import locked
from nac.utils.records import to_json
from nac.utils.text import clock

Failures = dict[str, NacError]
"""Name of a job that failed -> the reason."""

FLAGS = flags.FlagValues()
flags.DEFINE_string("run", None, "Run directory of nac construct.", flag_values=FLAGS)
flags.DEFINE_integer(
    "random",
    10,
    "Number of random networks.",
    lower_bound=0,
    upper_bound=limits.NETWORKS,
    flag_values=FLAGS,
)
flags.DEFINE_integer(
    "seeds",
    3,
    "Trainings of each network, with seeds 0, 1, ...",
    lower_bound=1,
    upper_bound=limits.NETWORKS,
    flag_values=FLAGS,
)
flags.DEFINE_bool(
    "prior", True, "Compare with the prior, where construction began.", flag_values=FLAGS
)
flags.DEFINE_bool(
    "worst_case",
    True,
    "Construct the worst case, by pruning the strongest branches, and compare with it.",
    flag_values=FLAGS,
)
flags.DEFINE_bool(
    "random_search",
    False,
    "Also compare with the best of several random networks, which have the truncated training and"
    " are chosen on validation images, in the seconds of the construction.",
    flag_values=FLAGS,
)
flags.DEFINE_integer(
    "shuffled",
    0,
    "Number of networks with as many branches in each layer as the constructed one, but others:"
    " whether it matters which branches stay.",
    lower_bound=0,
    upper_bound=limits.NETWORKS,
    flag_values=FLAGS,
)
flags.DEFINE_bool(
    "reference",
    False,
    "Also compare with a network that is as deep as ResNet-20 but made of this run's branches;"
    " the real one is --baselines=resnet.",
    flag_values=FLAGS,
)
flags.DEFINE_list(
    "baselines",
    [],
    f"Networks made by hand to compare with as well, some of {', '.join(HANDMADE)}.",
    flag_values=FLAGS,
)
flags.DEFINE_enum(
    "equal",
    "parameters",
    list(MEASURES),
    "What --baselines have as many of as the constructed network. Those with equal FLOPs have"
    " directories and results of their own.",
    flag_values=FLAGS,
)
flags.DEFINE_list(
    "rivals",
    [],
    f"Libraries that search networks of their own in the seconds of the run: {', '.join(RIVALS)}."
    ' They need pip install "nac[rivals]".',
    flag_values=FLAGS,
)
flags.DEFINE_float(
    "rival_seconds",
    None,
    "Seconds of each rival, for everything; default: as many as the run took, with its full"
    " training.",
    lower_bound=1.0,
    flag_values=FLAGS,
)
flags.DEFINE_enum(
    "random_skips",
    "random",
    SKIPS,
    "Skip connections of random networks: as many as the constructed network has, drawn at random;"
    " the same; all; or none.",
    flag_values=FLAGS,
)
flags.DEFINE_integer(
    "baseline_seed", 0, "Seed by which random networks are drawn.", lower_bound=0, flag_values=FLAGS
)
flags.DEFINE_integer(
    "parallel",
    None,
    "Number of jobs at a time; default: one per GPU, or one without GPUs; with --executor=ray, as"
    " many as the cluster has room for. Jobs that share cores take longer, which shows in the"
    " seconds of each network.",
    lower_bound=1,
    flag_values=FLAGS,
)
flags.DEFINE_enum(
    "split",
    TEST,
    [TEST, VALIDATION],
    "Images that decide; validation: those that the iterations held out, for choices that must not"
    " see the test images. Results are then in <run>/comparison_validation.",
    flag_values=FLAGS,
)
define_executor_flags(FLAGS)
define_display_flags(FLAGS)
define_machine_flags(FLAGS)


def main() -> None:
    """Start or continue a comparison."""
    require_flags(FLAGS, "run")
    with (
        interruptible("comparison"),
        display_of(FLAGS) as display,
        opened_executor(machines_of(FLAGS), FLAGS.strategy, display) as executor,
    ):
        if executor:
            _compare(display, executor)


def _compare(display: Display, executor: Executor) -> None:
    comparison = _comparison(Path(FLAGS.run), executor.slots(FLAGS.parallel))
    rivals = _rivals(comparison)
    with locked(comparison.directory, "comparison"):
        failures = _train_all(comparison, display, executor)
        failures |= (failed := _search_all(rivals, display))
        result = _write_result(comparison, rivals, failed)
        _show(result, comparison_json(comparison.directory), display)
    if failures:
        raise NacError(
            f"{len(failures)} jobs failed: {', '.join(failures)}; the same command tries them again"
        )


def _show(result: ComparisonResult, path: Path, display: Display) -> None:
    """Show what came out."""
    display.show(Line(f"\n{comparison_text(result)}\n\nin {path}"))
    display.show(Result({"path": str(path), "comparison": to_json(result)}))


def _comparison(run: Path, slots: Slots) -> Comparison:
    experiment, constructed = load_finished_run(run)
    experiment = scored_on(experiment, FLAGS.split)
    choice = Choice(
        FLAGS.random,
        FLAGS.random_skips,
        FLAGS.baseline_seed,
        FLAGS.reference,
        check_baselines(FLAGS.baselines),
        FLAGS.equal,
        FLAGS.prior,
        FLAGS.worst_case,
        FLAGS.shuffled,
        FLAGS.random_search,
    )
    if FLAGS["equal"].present and not choice.baselines:
        raise InputError("--equal: expected --baselines as well, whose cost it is about")
    shape = image_facts(experiment, FLAGS.data_dir).shape if choice.baselines else None
    limits = limits_of(experiment, FLAGS.data_dir, run_times(run))
    costs = equal_costs(experiment, limits, FLAGS.data_dir)
    networks = choose_networks(experiment, constructed, choice, shape, limits, costs)
    if len(networks) == 1 and not FLAGS.rivals:
        raise InputError(
            "--random: expected more than 0, or another network or a rival, received 0"
        )
    return Comparison(
        run=run,
        experiment=experiment,
        split=FLAGS.split,
        choice=choice,
        networks=networks,
        seeds=tuple(range(FLAGS.seeds)),
        arguments=tuple(forwarded_flags(FLAGS)),
        limits=limits,
        costs=costs,
        environments=slots,
    )


def _train_all(comparison: Comparison, display: Display, executor: Executor) -> Failures:
    """Train what is not done yet; return the jobs that failed."""
    directories, workers = comparison.job_directories, len(comparison.environments)
    if not all(map(is_done, directories)):
        looked_at(comparison.experiment, FLAGS.data_dir)  # now, and not after some seconds in a job
    reporter = Reporter(directories, workers, comparison.split, display)
    reporter.begin()
    display.show(Planned((StagePlan("jobs", len(directories), workers=workers),)))
    with job_runners(comparison, display, executor) as runners:
        run_all(comparison_tasks(comparison, runners), len(runners), reporter.report)
    return reporter.failures


def _rivals(comparison: Comparison) -> Rivals:
    """Return the searches of rivals that are asked for."""
    names = check_rivals(FLAGS.rivals)
    if FLAGS.rival_seconds is not None and not names:
        raise InputError("--rival_seconds: expected --rivals as well, who have these seconds")
    return rivals_of(comparison, names, FLAGS.rival_seconds, FLAGS.data_dir, FLAGS.plugin)


def _search_all(rivals: Rivals, display: Display) -> Failures:
    """Let rivals search, one at a time, unless they have; return those that failed."""
    if not rivals.jobs:
        return {}
    reporter = Reporter(rivals.job_directories, workers=1, split=TEST, display=display)
    display.show(Planned(()))  # no event tells how far they are
    display.show(Line(f"\nrivals, {clock(rivals.seconds)} each:"))
    reporter.begin()
    run_all(rival_tasks(rivals), 1, reporter.report)
    return reporter.failures


def _write_result(comparison: Comparison, rivals: Rivals, failed: Failures) -> ComparisonResult:
    """Write and return the result of all jobs that are done."""
    trainings = results(comparison)
    result = with_rivals(conclude(comparison, trainings), rivals, failed)
    write_comparison(comparison.directory, result)
    write_atomically(comparison_csv(comparison.directory), as_csv(result, trainings))
    return result


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()

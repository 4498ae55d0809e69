"""``python -m nac.construct``: construct a network from data, end to end.

    python -m nac.construct --flagfile=experiments/digits/construct.flags

trains the prior for a short while, prunes and grows it, repeats, and with ``--train_final`` trains
the result fully. Everything lies in ``<workdir>/<name>``, at the end with ``report.html``; the same
command again continues an interrupted run.
"""

import sys
from dataclasses import replace
from pathlib import Path

from absl import flags

from nac.cli.command_line import require_flags
from nac.cli.command_line import run as run_command
from nac.cli.machine_flags import forwarded_flags
from nac.config import Experiment, load_experiment
from nac.config.rankings import RANKINGS
from nac.config.splits import TEST, VALIDATION, scored_on
from nac.reporting.process import write_report
from nac.runs.construction import check_construction, construct
from nac.runs.run_directory import open_run
from nac.utils.processes import locked

flags.DEFINE_string("config", None, "Experiment file, YAML or AMLA's JSON.")
flags.DEFINE_string("workdir", "runs", "Directory of run directories.")
flags.DEFINE_string("name", None, "Name of the run directory; default: parameters.arch_name.")
flags.DEFINE_integer("seed", None, "Seed, in place of parameters.seed.", lower_bound=0)
flags.DEFINE_enum(
    "ranking", None, list(RANKINGS), "What weak branches are, in place of envelopenet.ranking."
)
flags.DEFINE_bool("train_final", False, "Train the constructed network by final_training.")
flags.DEFINE_enum(
    "split",
    TEST,
    [TEST, VALIDATION],
    "Images that score the full training; validation: those that the iterations held out, for"
    " choices that must not see the test images.",
)
flags.DEFINE_bool("report", True, "Write report.html at the end, if the extra for it is there.")
FLAGS = flags.FLAGS

OWN_FLAGS = ("config", "workdir", "name", "seed", "ranking", "train_final", "split")


def main() -> None:
    """Start or continue a run."""
    require_flags("config")
    experiment = _with_ranking(_with_seed(load_experiment(FLAGS.config)))
    check_construction(experiment, FLAGS.train_final)
    if FLAGS.split == VALIDATION:
        experiment = scored_on(experiment, VALIDATION)
    for key in experiment.unused:
        print(f"note: {experiment.source}: {key} has no effect here", file=sys.stderr)
    directory = Path(FLAGS.workdir) / (FLAGS.name or experiment.parameters.arch_name)
    arguments = forwarded_flags()
    with locked(directory, "run"):
        given = [f"--{n}={FLAGS[n].value}" for n in OWN_FLAGS if FLAGS[n].value is not None]
        open_run(directory, experiment, given + arguments)
        print(f"run directory: {directory}", flush=True)
        try:
            construct(experiment, directory, FLAGS.train_final, arguments)
            if FLAGS.report:
                print(write_report(directory), flush=True)
        except KeyboardInterrupt:
            print("\ninterrupted; the same command continues this run", file=sys.stderr)
            sys.exit(130)


def _with_seed(experiment: Experiment) -> Experiment:
    if FLAGS.seed is None:
        return experiment

    def seeded(recipe):
        return recipe and replace(recipe, parameters=replace(recipe.parameters, seed=FLAGS.seed))

    return replace(experiment, recipe=seeded(experiment.recipe), final=seeded(experiment.final))


def _with_ranking(experiment: Experiment) -> Experiment:
    if FLAGS.ranking is None:
        return experiment
    policy = replace(experiment.need("envelopenet"), ranking=FLAGS.ranking)
    return replace(experiment, envelopenet=policy)


def run() -> None:
    """Entry point of the console script."""
    run_command(main)


if __name__ == "__main__":
    run()

r"""``python -m nac.restructure``: print the next architecture, or the prior, as JSON.

    python -m nac.restructure --config=construct.yaml --architecture=in.json \
        --statistics=statistics.json --explain

reads an architecture and what was measured of it and prints the network of the next iteration on
standard output; ``--explain`` adds a table of all decisions on standard error. Without
``--architecture`` it prints the prior. ``--ranking`` replays the step with another idea of what a
weak branch is: each training measures all of these.
"""

import sys
from dataclasses import replace

from absl import flags

from nac.architecture.json_form import architecture_to_json, load_architecture
from nac.cli.command_line import require_flags
from nac.cli.command_line import run as run_command
from nac.config import load_experiment
from nac.config.rankings import RANKINGS
from nac.construction.explain import explain
from nac.construction.prior import prior
from nac.construction.restructure import apply, decide
from nac.construction.statistics import parse_statistics
from nac.utils.errors import NacError
from nac.utils.files import read_json

flags.DEFINE_string("config", None, "Experiment file with envelopenet and init_cell.")
flags.DEFINE_string("architecture", None, "Architecture: a JSON file, or the JSON itself.")
flags.DEFINE_string("statistics", None, "statistics.json of that architecture's training.")
flags.DEFINE_bool("explain", False, "Also print what was decided by which values (on stderr).")
flags.DEFINE_enum(
    "ranking",
    None,
    list(RANKINGS),
    "How branches are ranked, in place of envelopenet.ranking. "
    + "; ".join(f"{name}: {ranking.about}" for name, ranking in RANKINGS.items())
    + ".",
)
FLAGS = flags.FLAGS


def main() -> None:
    """Print the prior, or one step of construction."""
    require_flags("config")
    experiment = load_experiment(FLAGS.config)
    policy, stem = experiment.need("envelopenet"), experiment.need("init_cell")
    if bool(FLAGS.architecture) != bool(FLAGS.statistics):
        raise NacError("--architecture and --statistics belong together; give both or neither")
    if not FLAGS.architecture:
        print(architecture_to_json(prior(policy, stem, experiment.classifier)), end="")
        return
    architecture = load_architecture(FLAGS.architecture).with_cells(stem, experiment.classifier)
    policy = replace(policy, ranking=FLAGS.ranking or policy.ranking)
    measured = read_json(FLAGS.statistics)
    statistics = parse_statistics(measured, architecture, FLAGS.statistics, policy.ranking)
    decisions = decide(architecture, statistics, policy)
    following = apply(architecture, decisions, policy)
    if FLAGS.explain:
        text = explain(architecture, statistics, policy, decisions, following)
        print(text, file=sys.stderr)
    print(architecture_to_json(following), end="")


def run() -> None:
    """Entry point of the console script."""
    run_command(main)


if __name__ == "__main__":
    run()

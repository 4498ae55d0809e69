r"""Print the next architecture, or the prior, as JSON.

    nac restructure --config=construct.yaml --architecture=in.json \
        --statistics=statistics.json --explain

reads an architecture and what was measured of it and prints the network of the next iteration on
standard output; ``--explain`` adds a table of all decisions on standard error. Without
``--architecture`` it prints the prior. ``--ranking`` replays the step with another ranking of
branches, as each training measures the values for all of them.
"""

import sys
from dataclasses import replace

from absl import flags

from nac.architecture.json_form import architecture_to_json, load_architecture
from nac.cli.command import command, require_flags
from nac.config import load_experiment
from nac.config.rankings import RANKINGS
from nac.construction.explain import explain
from nac.construction.prior import prior
from nac.construction.restructure import apply, decide
from nac.construction.statistics import parse_statistics
from nac.runs.budget import known_times, limits_of
from nac.utils.errors import NacError
from nac.utils.files import read_json

FLAGS = flags.FlagValues()
flags.DEFINE_string(
    "config", None, "Experiment file with envelopenet and init_cell.", flag_values=FLAGS
)
flags.DEFINE_string("architecture", None, "Architecture, a JSON file or JSON.", flag_values=FLAGS)
flags.DEFINE_string(
    "statistics", None, "statistics.json of that architecture's training.", flag_values=FLAGS
)
flags.DEFINE_bool(
    "explain",
    False,
    "Also print each decision and its reason on standard error.",
    flag_values=FLAGS,
)
flags.DEFINE_string(
    "ranking",
    None,
    "How branches are ranked, in place of envelopenet.ranking. "
    + "; ".join(f"{name}: {ranking.about}" for name, ranking in RANKINGS.items())
    + ".",
    flag_values=FLAGS,
)


def main() -> None:
    """Print the prior, or one step of construction."""
    require_flags(FLAGS, "config")
    if FLAGS.ranking:
        RANKINGS.check(FLAGS.ranking, "--ranking")
    experiment = load_experiment(FLAGS.config)
    policy, stem = experiment.need("envelopenet"), experiment.need("init_cell")
    if bool(FLAGS.architecture) != bool(FLAGS.statistics):
        raise NacError("--architecture and --statistics belong together; give both or neither")
    limits = limits_of(experiment, times=known_times)
    if not FLAGS.architecture:
        print(architecture_to_json(prior(policy, stem, experiment.classifier, limits)), end="")
        return
    architecture = load_architecture(FLAGS.architecture).with_cells(stem, experiment.classifier)
    policy = replace(policy, ranking=FLAGS.ranking or policy.ranking)
    measured = read_json(FLAGS.statistics)
    statistics = parse_statistics(measured, architecture, FLAGS.statistics, policy.ranking)
    decisions = decide(architecture, statistics, policy)
    following = apply(architecture, decisions, policy, limits)
    if FLAGS.explain:
        text = explain(architecture, decisions, following, policy.ranking)
        print(text, file=sys.stderr)
    print(architecture_to_json(following), end="")


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()

"""Construct a network from data, end to end.

    nac construct --images=photos --minutes=15

takes a folder of your own images, photos/CLASS, and chooses an experiment for them (see nac init).

    nac construct --flagfile=experiments/digits/construct.flags

takes an experiment file. It trains the prior for a short while, prunes and grows it, and repeats
this. With ``--train_final``, the default for ``--images``, it then trains the result fully.
Everything is written to ``<workdir>/<name>``, at the end with a ``report.html``. The same command
continues an interrupted run.

Ctrl-C and SIGTERM let the job that runs save a checkpoint; a second signal ends everything at once.

The terminal shows how far the whole run is and how much time is left. docs/events.md describes what
``--json`` prints.
"""

from absl import flags

from nac.api import run_construction
from nac.cli.command import command, interruptible
from nac.cli.display_flags import define_display_flags, display_of
from nac.cli.executor_flags import define_executor_flags
from nac.cli.machine_flags import changed_settings, define_machine_flags
from nac.config.rankings import RANKINGS
from nac.config.splits import TEST, VALIDATION
from nac.utils.errors import NacError

FLAGS = flags.FlagValues()
flags.DEFINE_string("config", None, "Experiment file, YAML or AMLA's JSON.", flag_values=FLAGS)
flags.DEFINE_string(
    "images",
    None,
    "Folder of your own images with a folder per class, in place of --config.",
    flag_values=FLAGS,
)
flags.DEFINE_string("workdir", "runs", "Directory of run directories.", flag_values=FLAGS)
flags.DEFINE_string(
    "name",
    None,
    "Name of the run directory; default: parameters.arch_name, or the name of the folder.",
    flag_values=FLAGS,
)
flags.DEFINE_integer(
    "seed", None, "Seed, in place of parameters.seed.", lower_bound=0, flag_values=FLAGS
)
flags.DEFINE_string(
    "ranking",
    None,
    f"Decides which branches are weak, in place of envelopenet.ranking: {', '.join(RANKINGS)}.",
    flag_values=FLAGS,
)
flags.DEFINE_integer(
    "max_parameters",
    None,
    "Trainable parameters of each network, in place of budget.parameters. Networks are made so wide"
    " that they have this many, or slightly fewer.",
    lower_bound=1,
    flag_values=FLAGS,
)
flags.DEFINE_float(
    "max_flops",
    None,
    "Floating-point operations per image, two for each multiply-add, in place of budget.flops.",
    lower_bound=1,
    flag_values=FLAGS,
)
flags.DEFINE_float(
    "max_step_ms",
    None,
    "Milliseconds of a training step on this device, in place of budget.step_ms; they are estimated"
    " from what nac measure measures.",
    flag_values=FLAGS,
)
flags.DEFINE_float(
    "minutes",
    None,
    "Minutes that the whole run takes, in place of budget.minutes. The number of steps then follows"
    " from the speed of the machine.",
    flag_values=FLAGS,
)
flags.DEFINE_bool(
    "train_final",
    None,
    "Train the constructed network by final_training; default: only with --images.",
    flag_values=FLAGS,
)
flags.DEFINE_enum(
    "split",
    TEST,
    [TEST, VALIDATION],
    "Images that score the full training; validation: those that the iterations held out, for"
    " choices that must not see the test images.",
    flag_values=FLAGS,
)
flags.DEFINE_integer(
    "parallel",
    None,
    "Networks that are trained at a time where several of them are compared (policy tournament);"
    " default: one per GPU, or one without GPUs; with --executor=ray, as many as the cluster has"
    " room for.",
    lower_bound=1,
    flag_values=FLAGS,
)
flags.DEFINE_bool(
    "report",
    True,
    "Write report.html at the end, if the extra [report] is installed.",
    flag_values=FLAGS,
)
flags.DEFINE_bool(
    "allow_other_versions",
    False,
    "Continue a run with another version of TensorFlow, Keras or nac than it was begun with. Its"
    " results may then be others than without an interruption.",
    flag_values=FLAGS,
)
define_executor_flags(FLAGS)
define_display_flags(FLAGS)
define_machine_flags(FLAGS)


def main() -> None:
    """Start or continue a run."""
    if bool(FLAGS.config) == bool(FLAGS.images):
        raise NacError("give either --images or --config (see --help)")
    train_final = bool(FLAGS.images) if FLAGS.train_final is None else FLAGS.train_final
    with interruptible("run"):
        run_construction(
            FLAGS.config,
            FLAGS.workdir,
            FLAGS.name,
            train_final,
            FLAGS.seed,
            images=FLAGS.images,
            ranking=FLAGS.ranking,
            max_parameters=FLAGS.max_parameters,
            max_flops=FLAGS.max_flops,
            max_step_ms=FLAGS.max_step_ms,
            minutes=FLAGS.minutes,
            split=FLAGS.split,
            parallel=FLAGS.parallel,
            executor=FLAGS.executor,
            ray_address=FLAGS.ray_address,
            cores_per_job=FLAGS.cores_per_job,
            report=FLAGS.report,
            allow_other_versions=FLAGS.allow_other_versions,
            plugins=FLAGS.plugin,
            display=display_of(FLAGS),
            **changed_settings(FLAGS),
        )


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()

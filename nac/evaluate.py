"""``python -m nac.evaluate``: how well a trained network does, class by class.

    python -m nac.evaluate --model=runs/digits/model.keras --dataset=digits
    python -m nac.evaluate --job=runs/digits/final/job.json

prints accuracies, cross-entropy, speed and the confusion matrix; ``--json`` prints the same for
machines. A job is evaluated by its model.keras if it has one, else by its newest checkpoint, as
training does it: averaged weights, batch norms calibrated for them.
"""

import json
from pathlib import Path
from typing import Any

from absl import flags

from nac.cli.command_line import quietly, require_flags
from nac.cli.command_line import run as run_command
from nac.config import Augmentation, Experiment, Parameters, Recipe, load_experiment
from nac.data.datasets import check_readable
from nac.utils.errors import InputError, NacError

flags.DEFINE_string("model", None, "Saved network: a .keras file.")
flags.DEFINE_string("job", None, "job.json of a run: evaluate what that job has trained.")
flags.DEFINE_string("dataset", None, "With --model: name of the data set.")
flags.DEFINE_string("data_dir", None, "Directory of the data set.")
flags.DEFINE_enum(
    "split",
    "test",
    ["test", "train", "validation"],
    "Which images; validation: those a --job held out.",
)
flags.DEFINE_integer("batch_size", 256, "Images per batch.", lower_bound=1)
flags.DEFINE_bool(
    "standardize", True, "With --model: whether its training images had mean 0 and deviation 1."
)
flags.DEFINE_integer(
    "image_size", None, "With --model: side of images that have no one size (folder:, imagenet)."
)
flags.DEFINE_bool("json", False, "Print JSON.")
FLAGS = flags.FLAGS


def main() -> None:
    """Print the evaluation."""
    experiment = _experiment()
    with quietly():
        report = _evaluate(experiment)
    if FLAGS.json:
        print(json.dumps(report, indent=2))
        return
    from nac.evaluation.report import text

    print(text(report))


def _experiment() -> Experiment:
    """Return the job, or an experiment that says only what the flags say of the data."""
    if bool(FLAGS.model) == bool(FLAGS.job):
        raise NacError("give either --model or --job (see --help)")
    if FLAGS.model:
        return _asked_by_flags()
    for name in ("dataset", "standardize", "image_size"):
        if FLAGS[name].present:
            raise NacError(f"--{name} goes with --model; the job says it: {FLAGS.job}")
    experiment = load_experiment(FLAGS.job)
    experiment.need("parameters.dataset")
    if FLAGS.split == "validation" and not experiment.parameters.validation_share:
        raise NacError(f"{FLAGS.job}: parameters.validation_share: expected > 0, received 0")
    return experiment


def _asked_by_flags() -> Experiment:
    require_flags("dataset")
    if FLAGS.split == "validation":
        raise NacError("--split=validation goes with --job, which says what was held out")
    try:
        check_readable(FLAGS.dataset)
    except InputError as error:
        raise InputError(str(error).replace("parameters.dataset", "--dataset")) from None
    augmentation = Augmentation(standardize=FLAGS.standardize)
    parameters = Parameters(dataset=FLAGS.dataset, image_size=FLAGS.image_size)
    return Experiment("flags", Recipe(parameters, None, augmentation))


def _evaluate(experiment: Experiment) -> dict[str, Any]:
    # TensorFlow takes seconds: only after the checks
    from nac.data.datasets import dataset_of
    from nac.evaluation.measuring import measure, split_batches
    from nac.evaluation.report import as_dict
    from nac.models.loading import check_fits
    from nac.training.strategies import describe_devices, make_strategy, set_determinism

    parameters = experiment.parameters
    strategy = make_strategy("one")
    images = dataset_of(parameters, FLAGS.data_dir)
    set_determinism("auto", parameters.seed, strategy)
    model, source = _network(experiment, images, strategy)
    check_fits(model, source, images.image_shape, images.classes)
    batches = split_batches(images, FLAGS.split, experiment.recipe, FLAGS.batch_size, strategy)
    tally, seconds = measure(model, batches, FLAGS.batch_size)
    facts = {
        "model": source,
        "dataset": parameters.dataset,
        "split": FLAGS.split,
        "device": describe_devices(strategy),
    }
    return {**facts, **as_dict(tally, seconds)}


def _network(experiment: Experiment, images, strategy):
    """Return the network and where it is from."""
    if FLAGS.model:
        from nac.models.loading import load_network

        return load_network(FLAGS.model), FLAGS.model
    from nac.evaluation.networks import job_network
    from nac.training.job import check_job

    check_job(experiment)
    return job_network(experiment, Path(FLAGS.job).parent, images, strategy)


def run() -> None:
    """Entry point of the console script."""
    run_command(main)


if __name__ == "__main__":
    run()

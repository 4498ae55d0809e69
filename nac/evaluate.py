"""Evaluate a trained network, class by class.

    nac evaluate --model=runs/digits/classifier.keras --dataset=digits
    nac evaluate --job=runs/digits/final/job.json

prints accuracies, cross-entropy, speed and the confusion matrix; ``--json`` prints the same as
JSON. A classifier.keras gets raw pixels, a model.keras images prepared as in training. A job is
evaluated by its model.keras if it has one, otherwise by its newest checkpoint as in training: with
averaged weights, and batch norms calibrated for them.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from nac.cli.command import command, require_flags
from nac.config import Experiment, load_experiment
from nac.data.datasets import check_readable
from nac.utils import limits
from nac.utils.errors import NacError
from nac.utils.processes import quietly
from nac.utils.records import to_json

if TYPE_CHECKING:
    from nac.evaluation.report import EvaluationReport

FLAGS = flags.FlagValues()
flags.DEFINE_string(
    "model",
    None,
    "Saved classifier or network: a classifier.keras or model.keras.",
    flag_values=FLAGS,
)
flags.DEFINE_string(
    "job", None, "The job.json of a job whose trained network is evaluated.", flag_values=FLAGS
)
flags.DEFINE_string(
    "dataset",
    None,
    "With --model: name of the data set, as in parameters.dataset.",
    flag_values=FLAGS,
)
flags.DEFINE_string("data_dir", None, "Directory of the data set.", flag_values=FLAGS)
flags.DEFINE_enum(
    "split",
    "test",
    ["test", "train", "validation"],
    "Images to evaluate; validation: those that the --job held out.",
    flag_values=FLAGS,
)
flags.DEFINE_integer(
    "batch_size",
    256,
    "Images per batch.",
    lower_bound=1,
    upper_bound=limits.BATCH,
    flag_values=FLAGS,
)
flags.DEFINE_bool(
    "standardize",
    True,
    "With a model.keras: whether each training image was standardized to mean 0 and deviation 1.",
    flag_values=FLAGS,
)
flags.DEFINE_integer(
    "image_size",
    None,
    "With --model: side to which images of different sizes are resized (folder:, imagenet).",
    lower_bound=1,
    upper_bound=limits.PIXELS,
    flag_values=FLAGS,
)
flags.DEFINE_bool("json", False, "Print JSON.", flag_values=FLAGS)


def main() -> None:
    """Print the evaluation."""
    experiment = _experiment()
    with quietly():
        report = _evaluate(experiment)
    if FLAGS.json:
        print(json.dumps(to_json(report), indent=2))
        return
    from nac.evaluation.report import text

    print(text(report))


def _experiment() -> Experiment | None:
    """Return the job, None if the flags name a model and its data set."""
    if bool(FLAGS.model) == bool(FLAGS.job):
        raise NacError("give either --model or --job (see --help)")
    if FLAGS.model:
        _check_data_flags()
        return None
    for name in ("dataset", "standardize", "image_size"):
        if FLAGS[name].present:
            raise NacError(f"--{name}: only with --model; {FLAGS.job} has its own")
    experiment = load_experiment(FLAGS.job)
    experiment.need("parameters.dataset")
    if FLAGS.split == "validation" and not experiment.parameters.validation_share:
        raise NacError(f"{FLAGS.job}: parameters.validation_share: expected > 0, received 0")
    return experiment


def _check_data_flags() -> None:
    require_flags(FLAGS, "dataset")
    if FLAGS.split == "validation":
        raise NacError("--split=validation: only with --job, which says what was held out")
    check_readable(FLAGS.dataset, "--dataset")


def _evaluate(experiment: Experiment | None) -> "EvaluationReport":
    # TensorFlow takes seconds: only after the checks
    from nac.data.datasets import dataset_of, load_dataset
    from nac.evaluation.networks import measure
    from nac.evaluation.report import evaluation_report
    from nac.models.classifier import PhotoClassifier
    from nac.models.loading import check_fits
    from nac.training.batches import evaluation_batches
    from nac.training.strategies import describe_devices, make_strategy, set_determinism

    strategy = make_strategy("one")
    if experiment is None:
        dataset, seed, standardize = FLAGS.dataset, 0, FLAGS.standardize
        images = load_dataset(dataset, FLAGS.data_dir, FLAGS.image_size, prefix="--")
    else:
        dataset, seed = experiment.parameters.dataset, experiment.parameters.seed
        standardize = experiment.recipe.augmentation.standardize
        images = dataset_of(experiment, FLAGS.data_dir)
    set_determinism("auto", seed, strategy)
    model, source = _network(experiment, images, strategy)
    if isinstance(model, PhotoClassifier):
        standardize, model = False, _classifier_network(model, images)
    check_fits(model, source, images.image_shape, images.classes)
    batches = evaluation_batches(images, FLAGS.split, FLAGS.batch_size, standardize, strategy)
    tally, seconds = measure(model, batches, FLAGS.batch_size)
    return evaluation_report(
        tally,
        seconds,
        model=str(source),
        dataset=dataset,
        split=FLAGS.split,
        device=describe_devices(strategy),
    )


def _network(experiment: Experiment | None, images, strategy):
    """Return the network and where it is from."""
    if FLAGS.model:
        from nac.models.loading import load_either

        return load_either(FLAGS.model), FLAGS.model
    from nac.evaluation.networks import job_network
    from nac.training.job import check_job

    check_job(experiment)
    return job_network(experiment, Path(FLAGS.job).parent, images, strategy)


def _classifier_network(classifier, images):
    """Return the network of a classifier, from pixels to logits."""
    from nac.data.fingerprint import is_plain
    from nac.evaluation.networks import logits_of_pixels

    if FLAGS["standardize"].present:
        raise NacError(f"--standardize: only with a model.keras; {FLAGS.model} knows it")
    if not is_plain(images):
        raise NacError(
            f"--dataset: expected a data set of raw pixels for a classifier, received"
            f" {FLAGS.dataset!r}, whose images are scaled to another range"
        )
    return logits_of_pixels(classifier, images.image_shape)


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()

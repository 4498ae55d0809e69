"""The classifier of photos that a training leaves beside the network itself."""

from pathlib import Path

from nac import __version__
from nac.config import Experiment
from nac.config.splits import TEST, VALIDATION
from nac.data.fingerprint import fingerprint, is_plain
from nac.data.source import Source, names_of_classes
from nac.models.classifier import KERAS, make_classifier
from nac.models.classifier_file import write_classifier
from nac.runs.layout import CLASSIFIER, FINAL
from nac.training.evaluation import Score
from nac.training.saving import inference_model
from nac.training.steps import Steps


def deliver(
    steps: Steps, experiment: Experiment, source: Source, score: Score, directory: Path
) -> str | None:
    """Write ``classifier.keras`` into the job's directory, for the network as last evaluated.

    Args:
        steps: Steps of the trained network.
        experiment: The job.
        source: Its data.
        score: Its final score.
        directory: Its directory.

    Returns:
        A line for the user about what is not as it usually is, None if there is nothing to say.
    """
    if not is_plain(source):
        return (
            f"note: no {CLASSIFIER}: images of {experiment.parameters.dataset} are prepared by more"
            " than resizing and standardization"
        )
    with steps.average.in_place():
        classifier = make_classifier(
            inference_model(steps.model),
            names_of_classes(source),
            experiment.recipe.augmentation.standardize,
            _provenance(experiment, source, score, directory),
        )
    write_classifier(classifier, directory / CLASSIFIER)
    if classifier.provenance.layers != KERAS:
        return f"note: {CLASSIFIER} has layers that are not Keras' own; import nac to load it"
    return None


def _provenance(
    experiment: Experiment, source: Source, score: Score, directory: Path
) -> dict[str, object]:
    parameters, directory = experiment.parameters, directory.resolve()
    return {
        "run": directory.parent.name if directory.name == FINAL else directory.name,
        "seed": parameters.seed,
        "nac": __version__,
        "dataset": parameters.dataset,
        "data": fingerprint(source),
        "network": str(experiment.architecture.notation),
        "split": TEST if parameters.score_test else VALIDATION,
        "accuracy": score.accuracy,
        "scored_images": score.images,
    }

"""How good the trained network of a run is, image by image, as values for the page."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nac.drawing.confusion_matrix import MOST_NAMED
from nac.quality.calibration import calibration_curve, expected_calibration_error
from nac.quality.choosing import least_certain, worst_mistakes
from nac.quality.counting import class_accuracies, class_counts, confused_pairs
from nac.quality.file import Predictions, read_predictions
from nac.reporting import page_figures
from nac.reporting.thumbnails import data_uri
from nac.runs.layout import FINAL, network_files
from nac.runs.saved_run import Run

MOST_PAIRS = 20
"""Number of confused pairs that the table for many classes has."""

ROOMY = 12
"""From more classes on, the confusion matrix gets the place of two figures."""

MOST_ROWS = 20
"""Number of classes whose accuracy is shown at once; the others unfold."""

FORMATS = {".keras": "Keras", ".tflite": "TFLite", ".onnx": "ONNX", "": "SavedModel"}
"""Format of a trained network by the ending of its file."""


@dataclass(frozen=True)
class ClassRow:
    """Accuracy of one class.

    Attributes:
        name: Its name.
        images: Number of its images.
        accuracy: Share of right answers for them.
    """

    name: str
    images: int
    accuracy: float


@dataclass(frozen=True)
class Shot:
    """An image with what the network said about it.

    Attributes:
        source: Its picture as a ``data:`` URI, None if the job has not left one
            (:func:`nac.reporting.thumbnails.data_uri`).
        position: Position of the image among those that were scored.
        true: Name of its class.
        predicted: Name of the predicted class.
        confidence: Probability of that class.
        right: Whether that is its class.
    """

    source: str | None
    position: int
    true: str
    predicted: str
    confidence: float
    right: bool


@dataclass(frozen=True)
class NetworkFile:
    """A trained network on disk.

    Attributes:
        name: Name of the file.
        format: Its format.
        bytes: Its size.
    """

    name: str
    format: str
    bytes: int


def quality(run: Run) -> dict[str, Any] | None:
    """Return the names of the template's section on quality, None without predictions.

    Raises:
        InputError: The file with the predictions is damaged.
    """
    job = run.directory / FINAL
    predictions = read_predictions(job) if run.final else None
    if predictions is None:
        return None
    names = predictions.class_names
    few = len(names) <= MOST_NAMED
    pairs = confused_pairs(predictions.labels, predictions.predicted, MOST_PAIRS)
    return {
        "split": predictions.split,
        "images": len(predictions.labels),
        "wrong": int((~predictions.right).sum()),
        "is_roomy": len(names) > ROOMY,
        "matrix": page_figures.drawn(run, "confusion", "Confusion matrix") if few else [],
        "pairs": [(names[pair.true], names[pair.predicted], pair) for pair in pairs],
        "classes": _class_rows(predictions),
        "calibration": page_figures.drawn(run, "calibration", "Accuracy by confidence"),
        "error": expected_calibration_error(calibration_curve(predictions)),
        "worst": _shots(job, predictions, worst_mistakes(predictions)),
        "uncertain": _shots(job, predictions, least_certain(predictions)),
    }


def _class_rows(predictions: Predictions) -> list[ClassRow]:
    """Return the classes that have images, the worst first."""
    names = predictions.class_names
    counts, right = class_counts(predictions.labels, predictions.predicted, len(names))
    rows = [
        ClassRow(name, count, accuracy)
        for name, count, accuracy in zip(
            names, counts.tolist(), class_accuracies(counts, right), strict=True
        )
        if accuracy is not None
    ]
    return sorted(rows, key=lambda row: row.accuracy)


def _shots(job: Path, predictions: Predictions, positions: Iterable[int]) -> list[Shot]:
    names = predictions.class_names
    return [
        Shot(
            data_uri(job, position),
            position,
            names[predictions.labels[position]],
            names[predictions.predicted[position]],
            float(predictions.confidence[position]),
            bool(predictions.right[position]),
        )
        for position in positions
    ]


def files(run: Run) -> list[NetworkFile]:
    """Return the trained networks in the run directory."""
    return [
        NetworkFile(path.name, FORMATS.get(path.suffix, FORMATS[""]), _bytes(path))
        for path in network_files(run.directory)
    ]


def _bytes(path: Path) -> int:
    """Return the size of a file, or of all files in a directory."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())

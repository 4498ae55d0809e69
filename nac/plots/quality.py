"""Which classes the trained network confuses, and whether its confidence can be trusted.

Needs matplotlib.
"""

from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nac.drawing.confusion_matrix import MOST_DRAWN, confusion_figure
from nac.drawing.style import ACCENT, FAINT, INK, MUTED, SHADES, new_figure, styled
from nac.plots.files import Drawing, NothingToShowError, Table
from nac.quality.calibration import Bin, calibration_curve
from nac.quality.counting import confusion_matrix, pair_counts
from nac.quality.file import Predictions, read_predictions
from nac.runs.layout import FINAL, PREDICTIONS
from nac.runs.saved_run import Run


def run_predictions(run: Run) -> Predictions:
    """Return what the trained network of a run answered.

    Raises:
        NothingToShowError: There is no final training, or an old one that has not left it.
    """
    predictions = read_predictions(run.directory / FINAL) if run.final else None
    if predictions is None:
        raise NothingToShowError(f"{run.name}: no {PREDICTIONS} of a final training")
    return predictions


def confusion_drawings(run: Run, others: Sequence[Run] = ()) -> Iterator[Drawing]:
    """Yield the confusion matrix of the final network, with a row per pair of classes as data.

    Raises:
        NothingToShowError: There are no answers, or too many classes for a figure.
    """
    predictions = run_predictions(run)
    names, labels, answers = predictions.class_names, predictions.labels, predictions.predicted
    if len(names) > MOST_DRAWN:
        raise NothingToShowError(
            f"{run.name}: no confusion matrix, as {len(names)} classes are more than {MOST_DRAWN}"
        )
    rows = [(names[i], names[j], images) for i, j, images in pair_counts(labels, answers).tolist()]
    table = Table(("true", "predicted", "images"), rows)
    matrix = confusion_matrix(labels, answers, len(names))
    yield Drawing("confusion", confusion_figure(matrix, names), table)


def calibration_drawings(run: Run, others: Sequence[Run] = ()) -> Iterator[Drawing]:
    """Yield accuracy against confidence of the final network."""
    curve = calibration_curve(run_predictions(run))
    rows = [(b.low, b.high, b.images, b.confidence, b.accuracy) for b in curve]
    table = Table(("low", "high", "images", "confidence", "accuracy"), rows)
    yield Drawing("calibration", calibration_figure(curve), table)


@styled
def calibration_figure(curve: Sequence[Bin]) -> Figure:
    """Return accuracy over confidence with the diagonal, and the number of images below.

    Args:
        curve: The intervals that have images.
    """
    figure = new_figure(480, width=480)
    upper = figure.add_axes((0.13, 0.36, 0.84, 0.61))
    lower = figure.add_axes((0.13, 0.1, 0.84, 0.19), sharex=upper)
    _draw_accuracy(upper, curve)
    _draw_images(lower, curve)
    return figure


def _draw_accuracy(axes: Axes, curve: Sequence[Bin]) -> None:
    axes.plot([0, 1], [0, 1], "--", color=FAINT, linewidth=1.2)
    axes.text(0.99, 0.04, "dashed: as accurate as confident", color=MUTED, ha="right")
    confidence, accuracy = [b.confidence for b in curve], [b.accuracy for b in curve]
    axes.vlines(confidence, confidence, accuracy, color=FAINT, linewidth=1.0)
    axes.plot(confidence, accuracy, "o-", color=ACCENT)
    axes.set(xlim=(0.0, 1.02), ylim=(0.0, 1.02), ylabel="accuracy")
    axes.tick_params(labelbottom=False)


def _draw_images(axes: Axes, curve: Sequence[Bin]) -> None:
    lows, counts = [b.low for b in curve], [b.images for b in curve]
    widths = [b.high - b.low for b in curve]
    axes.bar(lows, counts, widths, align="edge", color=SHADES(1.0), edgecolor="white")
    for entry in curve:
        middle = (entry.low + entry.high) / 2
        axes.text(middle, entry.images, f"{entry.images:,}", ha="center", va="bottom", color=INK)
    axes.set(ylim=(0, 1.3 * max(counts)), xlabel="confidence", ylabel="images")
    axes.yaxis.set_ticks([])
    axes.grid(False)

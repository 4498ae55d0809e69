"""The result of an evaluation as a value, and as a table for people."""

from dataclasses import dataclass

from nac.evaluation.counting import Tally
from nac.utils.tables import table

MOST_COLUMNS = 20
"""The confusion matrix of more classes than this is only in the JSON form."""


@dataclass(frozen=True)
class EvaluationReport:
    """The result of an evaluation.

    Attributes:
        model: Path of the network.
        dataset: Name of the data set.
        split: Its images, "test", "train" or "validation".
        device: What it ran on.
        images: Number of images.
        accuracy: Share of right answers.
        top5_accuracy: Share of images whose class is among the best five answers, None if there are
            no more classes.
        loss: Mean cross-entropy.
        class_accuracies: Share of right answers per class, None for a class without images.
        confusion: Number of images per true class (rows) and predicted class (columns).
        images_per_second: Speed of the network.
    """

    model: str
    dataset: str
    split: str
    device: str
    images: int
    accuracy: float
    top5_accuracy: float | None
    loss: float
    class_accuracies: tuple[float | None, ...]
    confusion: tuple[tuple[int, ...], ...]
    images_per_second: float


def evaluation_report(tally: Tally, seconds: float, **facts: str) -> EvaluationReport:
    """Return the result of an evaluation.

    Args:
        tally: The counts.
        seconds: How long the network took.
        **facts: ``model``, ``dataset``, ``split`` and ``device`` of the report.
    """
    return EvaluationReport(
        **facts,
        images=tally.images,
        accuracy=tally.accuracy,
        top5_accuracy=tally.top5_accuracy,
        loss=tally.loss,
        class_accuracies=tuple(tally.class_accuracies),
        confusion=tuple(map(tuple, tally.confusion.tolist())),
        images_per_second=round(tally.images / max(1e-9, seconds), 1),
    )


def text(report: EvaluationReport) -> str:
    """Return an evaluation for people."""
    lines = [
        f"{report.model} on {report.dataset}, {report.split} images",
        "",
        f"images         {report.images:,}",
        f"top-1          {_percent(report.accuracy)}",
    ]
    if report.top5_accuracy is not None:
        lines.append(f"top-5          {_percent(report.top5_accuracy)}")
    lines += [
        f"cross-entropy  {report.loss:.4f}",
        f"images/s       {report.images_per_second:,.0f} on {report.device}",
        "",
        _classes(report),
        "",
        _confusion(report.confusion),
    ]
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.2f}%"


def _classes(report: EvaluationReport) -> str:
    rows = [
        [str(number), str(sum(row)), str(row[number]), _percent(accuracy)]
        for number, (row, accuracy) in enumerate(
            zip(report.confusion, report.class_accuracies, strict=True)
        )
    ]
    return table(["class", "images", "right", "accuracy"], rows)


def _confusion(confusion: tuple[tuple[int, ...], ...]) -> str:
    if len(confusion) > MOST_COLUMNS:
        return f"The confusion matrix of {len(confusion)} classes is too wide; --json prints it."
    numbers = [str(number) for number in range(len(confusion))]
    rows = [
        [number, *(str(count) if count else "" for count in row)]
        for number, row in zip(numbers, confusion, strict=True)
    ]
    return table(["true \\ predicted", *numbers], rows)

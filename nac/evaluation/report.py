"""The result of an evaluation for machines and for people."""

from typing import Any

from nac.evaluation.counting import Tally
from nac.utils.tables import table

MOST_COLUMNS = 20
"""With more classes than this the confusion matrix is for machines only."""


def as_dict(tally: Tally, seconds: float) -> dict[str, Any]:
    """Return the numbers of an evaluation as ``nac.evaluate --json`` prints them.

    Args:
        tally: the counts.
        seconds: how long the network took.
    """
    return {
        "images": tally.images,
        "accuracy": tally.accuracy,
        "top5_accuracy": tally.top5_accuracy,
        "loss": tally.loss,
        "class_accuracies": tally.class_accuracies,
        "confusion": tally.confusion.tolist(),
        "images_per_second": round(tally.images / max(1e-9, seconds), 1),
    }


def text(report: dict[str, Any]) -> str:
    """Return an evaluation as people read it.

    Args:
        report: :func:`as_dict`, with ``model``, ``dataset``, ``split`` and ``device``.
    """
    lines = [
        f"{report['model']} on {report['dataset']}, {report['split']} images",
        "",
        f"images         {report['images']:,}",
        f"top-1          {_percent(report['accuracy'])}",
    ]
    if report["top5_accuracy"] is not None:
        lines.append(f"top-5          {_percent(report['top5_accuracy'])}")
    lines += [
        f"cross-entropy  {report['loss']:.4f}",
        f"images/s       {report['images_per_second']:,.0f} on {report['device']}",
        "",
        _classes(report),
        "",
        _confusion(report["confusion"]),
    ]
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.2f}%"


def _classes(report: dict[str, Any]) -> str:
    rows = [
        [str(number), str(sum(row)), str(row[number]), _percent(accuracy)]
        for number, (row, accuracy) in enumerate(
            zip(report["confusion"], report["class_accuracies"], strict=True)
        )
    ]
    return table(["class", "images", "right", "accuracy"], rows)


def _confusion(confusion: list[list[int]]) -> str:
    if len(confusion) > MOST_COLUMNS:
        return f"the confusion matrix of {len(confusion)} classes: --json"
    numbers = [str(number) for number in range(len(confusion))]
    rows = [
        [number, *(str(count) if count else "" for count in row)]
        for number, row in zip(numbers, confusion, strict=True)
    ]
    return table(["true \\ predicted", *numbers], rows)

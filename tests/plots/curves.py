"""Event files and comparisons written by hand, as jobs and nac.compare leave them."""

from pathlib import Path
from typing import Any

import tensorflow as tf

from nac.config.splits import VALIDATION
from nac.runs.layout import TRAIN
from nac.runs.saved_run import Iteration
from nac.tensorboard.tags import featuremap_tags
from nac.utils.files import write_json


def write_scalars(directory: Path, curves: dict[str, list[tuple[int, float]]]) -> None:
    """Write tag -> curve into a new event file."""
    writer = tf.summary.create_file_writer(str(directory))
    with writer.as_default():
        for tag, curve in curves.items():
            for step, value in curve:
                tf.summary.scalar(tag, value, step=step)
    writer.close()


def write_metrics(iteration: Iteration, steps: tuple[int, ...] = (4, 8, 12)) -> None:
    """Write metrics of an iteration: the order of branches turns round after the first step."""
    count = len(iteration.architecture.branches())
    tags = enumerate(featuremap_tags(iteration.architecture).values())
    curves = {
        tag: [(step, float(count - place if step == steps[0] else place)) for step in steps]
        for place, tag in tags
    }
    write_scalars(iteration.directory / TRAIN, curves)


def network(name: str, kind: str, *accuracies: float, **more: Any) -> dict[str, Any]:
    """Return a network of comparison.json with an accuracy for each seed from 0."""
    by_seed = {str(seed): accuracy for seed, accuracy in enumerate(accuracies)}
    values = {"notation": "6/3-3/3", "parameters": 1234, "failed": []}
    return {"name": name, "kind": kind, "accuracies": by_seed, **values, **more}


NETWORKS = [
    network("constructed", "constructed", 0.75, 0.875),
    network("prior", "prior", 0.5, 0.5),
    network("worst_case", "worst_case", 0.25, 0.5),
    network("random00", "random", 0.5, 0.75),
    network("random01", "random", 0.75, 1.0),
]


def write_comparison(run: Path, networks: list[dict[str, Any]] = NETWORKS, **more: Any) -> None:
    """Write a comparison; each curve goes from half the final accuracy to it, at steps 4 and 8."""
    for entry in networks:
        for seed, accuracy in entry["accuracies"].items():
            folder = run / "comparison" / entry["name"] / f"seed{seed}" / VALIDATION
            write_scalars(folder, {"accuracy": [(4, accuracy / 2), (8, accuracy)]})
    report = {"dataset": "digits", "split": "test", "statement": "It is better.", **more}
    write_json(run / "comparison" / "comparison.json", {**report, "networks": networks})

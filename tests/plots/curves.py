"""Writes event files and comparisons like those of jobs and nac.compare."""

from pathlib import Path
from typing import Any

import tensorflow as tf

from nac.comparison.result import NetworkResult, write_comparison
from nac.config.splits import VALIDATION
from nac.runs.layout import TRAIN, comparison_directory, seed_directory
from nac.runs.saved_run import Iteration
from nac.tensorboard.tags import branch_tags
from tests.results import comparison_result, network_result


def write_scalars(directory: Path, curves: dict[str, list[tuple[int, float]]]) -> None:
    """Write tag -> curve into a new event file."""
    writer = tf.summary.create_file_writer(str(directory))
    with writer.as_default():
        for tag, curve in curves.items():
            for step, value in curve:
                tf.summary.scalar(tag, value, step=step)
    writer.close()


def write_metrics(
    iteration: Iteration, steps: tuple[int, ...] = (4, 8, 12), ranking: str = "mean_square"
) -> None:
    """Write strengths of an iteration: the order of branches is reversed after the first step."""
    count = len(iteration.architecture.branches())
    tags = enumerate(branch_tags(iteration.architecture, ranking).values())
    curves = {
        tag: [(step, float(count - number if step == steps[0] else number)) for step in steps]
        for number, tag in tags
    }
    write_scalars(iteration.directory / TRAIN, curves)


NETWORKS = (
    network_result("constructed", 0.75, 0.875),
    network_result("prior", 0.5, 0.5),
    network_result("worst_case", 0.25, 0.5),
    network_result("random00", 0.5, 0.75),
    network_result("random01", 0.75, 1.0),
)


def write_compared(
    run: Path, networks: tuple[NetworkResult, ...] = NETWORKS, **changes: Any
) -> None:
    """Write a comparison; each curve rises from half the final accuracy to it, at steps 4 and 8."""
    result = comparison_result(*networks, **changes)
    directory = comparison_directory(run, result.split)
    for network in networks:
        for seed, accuracy in network.accuracies.items():
            folder = seed_directory(directory / network.name, seed) / VALIDATION
            write_scalars(folder, {"accuracy": [(4, accuracy / 2), (8, accuracy)]})
    write_comparison(directory, result)

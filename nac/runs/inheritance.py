"""Iterations that start from the weights of the one before them (``envelopenet.inherit``).

An iteration leaves its trained weights as a file, which the job of the next one names. Once that
one is done, the file is removed. The full training and all comparisons start from scratch: warm
starts generalise worse (Ash and Adams, NeurIPS 2020), so inheritance is for ranking only.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nac.architecture.network import Architecture
from nac.config import Experiment
from nac.config.inheritance import Inheritance
from nac.construction.decisions import Decisions
from nac.construction.restructure import layers_after
from nac.runs.layout import WEIGHTS, has_progress
from nac.utils.errors import NacError

SAVE_WEIGHTS = "--save_weights"
"""Flag of jobs from whose weights another one starts."""

KEEP = "--keep_checkpoints=True"
"""Flag of jobs of which everything is kept."""


def inheritance_of(place: Path, trained: Architecture, decisions: Decisions) -> Inheritance:
    """Return what the job of the next iteration starts from.

    Args:
        place: Directory of the iteration's job.
        trained: The network that it trained.
        decisions: What is decided on it.
    """
    weights = f"../{place.name}/{WEIGHTS}"
    return Inheritance(weights=weights, arch=trained, layers=layers_after(trained, decisions.grown))


def inheriting(job: Experiment, place: Path, inheritance: Inheritance | None) -> Experiment:
    """Return the job of an iteration as one that starts from weights of the iteration before.

    Args:
        job: The job.
        place: Its directory.
        inheritance: What it starts from, None for fresh weights.

    Raises:
        NacError: The job needs the weights and they are not there.
    """
    if inheritance is None:
        return job
    path = _file(place, inheritance)
    if not has_progress(place) and not path.is_file():
        raise NacError(
            f"{path}: expected the weights from which the next iteration starts"
            f" (envelopenet.inherit), received no such file; delete {path.parent} to train that"
            " iteration again"
        )
    return replace(job, inherit=inheritance)


def remove_weights(place: Path, inheritance: Inheritance | None, arguments: Sequence[str]) -> None:
    """Remove the weights that a job started from, unless the run keeps everything.

    Args:
        place: Directory of the job, which is done.
        inheritance: What it started from.
        arguments: Flags of the jobs.
    """
    if inheritance is not None and KEEP not in arguments:
        _file(place, inheritance).unlink(missing_ok=True)


def _file(place: Path, inheritance: Inheritance) -> Path:
    return Path(os.path.normpath(place / inheritance.weights))


def weights_path(job: Experiment) -> Path:
    """Return the file of the weights that a job starts from.

    Args:
        job: A job with a section ``inherit``, read from its file.
    """
    return _file(Path(job.source).parent, job.need("inherit"))


def moved(job: Experiment, directory: Path) -> Experiment:
    """Return a job as it is to be written to another directory, where it means the same weights."""
    if job.inherit is None:
        return job
    weights = os.path.relpath(weights_path(job), directory)
    return replace(job, inherit=replace(job.inherit, weights=weights))

"""Every name in a run directory. No other module spells one.

The directory is the whole protocol between a run and its jobs (docs/design.md draws it). Each file
is written whole or not at all, so the files that exist tell how far a run has come.
"""

import re
from pathlib import Path

from nac.architecture.keys import layer_name
from nac.config.splits import TEST, VALIDATION

EXPERIMENT = "experiment.yaml"
INIT = "init.yaml"
"""The experiment file that was written for a run on a folder of images, with comments."""

FLAGS_FILE = "flags.txt"
VERSIONS = "versions.json"
"""Versions of the packages with which a run was begun and continued."""

DATA_FILES = "data_files.json"
"""What identifies the files of the data set with which a run began."""

DATA = "data"
"""Directory with the images that a Python program gave (:mod:`nac.data.arrays`)."""

ARCHITECTURE = "architecture.json"
BLOCK_TIMES = "block_times.json"
"""What blocks cost on the device of a run whose budget limits the time of a step."""

REPORT = "report.html"
FIGURES_FOLDER = "figures"
FINAL = "final"
"""Directory of the constructed network's full training."""

JOB = "job.json"
STATISTICS = "statistics.json"
MODEL = "model.keras"
"""The network as it was trained: images, prepared as in training, to logits."""

CLASSIFIER = "classifier.keras"
"""The same network for photos: pixels to probabilities, with the names of the classes."""

NETWORK_PATTERNS = ("[!.]*.keras", "[!.]*.tflite", "[!.]*.onnx")
"""Names of trained networks that may be in a run directory; a dot begins those half written."""

WEIGHTS = "weights.npz"
"""The trained weights of an iteration, from which the next one starts (``inherit``)."""

CHECKPOINTS = "checkpoints"
LOG = "log.txt"

PREDICTIONS = "predictions.npz"
"""What a job's trained network answered for each image on which it was scored."""

THUMBNAILS = "thumbnails"
"""Folder of a job with small pictures of some of these images."""

DECODED = "decoded"
"""Directory in which the jobs of a run hand decoded images on to each other."""

TRAIN = "train"
"""Folder of a job's event files with what was measured while training."""

SUMMARY = "summary"
"""Folder of a job's event file with everything but curves: graph, texts, diagram, result."""

RIVAL_SEARCH = "search"
"""Folder of a rival's job with the candidates that it has tried; removed when the job ends."""

COMPARISON = "comparison"
"""Directory of a run with the trainings of ``nac.compare``."""

CHOICE = "choice.json"
"""Which network a tournament chose, beside the training that it follows."""

JUDGE = "judge"
"""Directory of a run with what ``nac.judge`` found for its iterations."""

JUDGEMENT = "judgement.json"

RETRAINED = "retrained"
"""Directory of a judgement with the trainings of networks without one branch each."""


def iteration_directory(run: Path, iteration: int) -> Path:
    """Return the job directory of an iteration."""
    return run / f"{iteration:03d}"


def child_directory(iteration: Path, rung: int, child: str) -> Path:
    """Return the job directory of a network in a tournament.

    Args:
        iteration: Directory of the iteration that the tournament follows.
        rung: Number of the rung, from 1.
        child: Name of the network.
    """
    return iteration / "children" / f"rung{rung}" / child


def children_directories(iteration: Path) -> list[Path]:
    """Return the job directories of all networks in the tournament that follows an iteration."""
    return sorted(path.parent for path in (iteration / "children").glob(f"rung*/*/{JOB}"))


def seed_directory(parent: Path, seed: int) -> Path:
    """Return the job directory of one of several trainings that differ in their seed."""
    return parent / f"seed{seed}"


def network_name(job: Path) -> str:
    """Return the name of the network that a job trains, which is that of its directory.

    The job in ``.../<network>/seed0`` is named after its parent directory.
    """
    job = job.resolve()
    return job.parent.name if re.fullmatch(r"seed\d+", job.name) else job.name


def comparison_directory(run: Path, split: str) -> Path:
    """Return the directory of the comparison whose trainings are scored on a split."""
    return run / (COMPARISON if split == TEST else f"{COMPARISON}_{split}")


def comparison_directories(run: Path) -> list[Path]:
    """Return the directories of the comparisons that have a result, on test images first."""
    directories = (comparison_directory(run, split) for split in (TEST, VALIDATION))
    return [directory for directory in directories if comparison_json(directory).is_file()]


def comparison_json(comparison: Path) -> Path:
    """Return the result of a comparison for machines."""
    return comparison / f"{COMPARISON}.json"


def comparison_csv(comparison: Path) -> Path:
    """Return the result of a comparison as a table."""
    return comparison / f"{COMPARISON}.csv"


def construction_directory(comparison: Path, network: str) -> Path:
    """Return the run directory in which a network of a comparison is constructed."""
    return comparison / network / "construction"


def candidate_directory(comparison: Path, network: str, number: int) -> Path:
    """Return the job directory of one of the candidates among which a network is searched."""
    return comparison / network / "candidates" / f"{number:02d}"


def judge_directory(run: Path, iteration: int) -> Path:
    """Return the directory of the judgement of an iteration."""
    return iteration_directory(run / JUDGE, iteration)


def retrained_directory(judgement: Path) -> Path:
    """Return the directory of what was trained, and judged, without one branch each."""
    return judgement / RETRAINED


def without_branch_directory(judgement: Path, layer: int, branch: str) -> Path:
    """Return the directory with the trainings of the network without a branch.

    Args:
        judgement: Directory of the judgement of an iteration.
        layer: Index of the branch's layer.
        branch: Its name.
    """
    return retrained_directory(judgement) / f"{layer_name(layer)}.{branch}"


def judgement_files(run: Path) -> list[Path]:
    """Return the judgements of a run by rising iteration, those by retraining after the others."""
    places = ("*", f"*/{RETRAINED}")
    return sorted(path for place in places for path in (run / JUDGE).glob(f"{place}/{JUDGEMENT}"))


def thumbnail_file(job: Path, position: int) -> Path:
    """Return the picture of an image on which a job's network was scored.

    Args:
        job: The job's directory.
        position: Position of the image among those that were scored, from 0.
    """
    return job / THUMBNAILS / f"{position:06d}.png"


def network_files(run: Path) -> list[Path]:
    """Return the trained networks in a run directory, in each format in which there is one.

    A SavedModel is a directory.
    """
    files = [path for pattern in NETWORK_PATTERNS for path in sorted(run.glob(pattern))]
    return files + [path.parent for path in sorted(run.glob("*/saved_model.pb"))]


def event_files(folder: Path) -> list[Path]:
    """Return the event files of a folder, the oldest first."""
    return sorted(folder.glob("events.out.tfevents.*"))


def is_done(job: Path) -> bool:
    """Whether a job has its result."""
    return (job / STATISTICS).exists()


def is_complete(run: Path, final: bool) -> bool:
    """Whether a run has nothing left to train.

    Args:
        run: The run directory.
        final: Whether a full training belongs to it.
    """
    return (run / ARCHITECTURE).exists() and (is_done(run / FINAL) or not final)


def has_progress(job: Path) -> bool:
    """Whether a job has a result or a checkpoint, so that starting anew would lose something."""
    return is_done(job) or any(job.glob(f"{CHECKPOINTS}/*.index"))

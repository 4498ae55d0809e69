"""Every name in a run directory, and where it lies. No other module spells one.

The directory is the whole protocol between driver and jobs (docs/design.md draws it): each file is
written whole or not at all, so what is there tells how far a run has come.
"""

from pathlib import Path

EXPERIMENT = "experiment.yaml"
FLAGS_FILE = "flags.txt"
ARCHITECTURE = "architecture.json"
REPORT = "report.html"
FIGURES = "figures"
FINAL = "final"
"""Directory of the constructed network's full training."""

JOB = "job.json"
STATISTICS = "statistics.json"
MODEL = "model.keras"
CHECKPOINTS = "checkpoints"
LOG = "log.txt"

TRAIN = "train"
"""Folder of a job's event files with what was measured while training."""

SUMMARY = "summary"
"""Folder of a job's event file with what is not a curve: graph, texts, diagram, result."""

COMPARISON = "comparison"
"""Directory of a run with the trainings of ``nac.compare``."""

JUDGE = "judge"
"""Directory of a run with what ``nac.judge`` found of its iterations."""

JUDGEMENT = "judgement.json"


def iteration_directory(run: Path, iteration: int) -> Path:
    """Return the job directory of an iteration."""
    return run / f"{iteration:03d}"


def seed_directory(parent: Path, seed: int) -> Path:
    """Return the job directory of one of several trainings that differ in their seed."""
    return parent / f"seed{seed}"


def comparison_directory(run: Path, split: str) -> Path:
    """Return the directory of the comparison whose trainings are scored on a split."""
    return run / (COMPARISON if split == "test" else f"{COMPARISON}_{split}")


def comparison_json(comparison: Path) -> Path:
    """Return the result of a comparison for machines."""
    return comparison / f"{COMPARISON}.json"


def comparison_csv(comparison: Path) -> Path:
    """Return the result of a comparison as a table."""
    return comparison / f"{COMPARISON}.csv"


def construction_directory(comparison: Path, network: str) -> Path:
    """Return the run directory in which a network of a comparison is constructed."""
    return comparison / network / "construction"


def judge_directory(run: Path, iteration: int) -> Path:
    """Return the directory of the judgement of an iteration."""
    return iteration_directory(run / JUDGE, iteration)


def is_done(job: Path) -> bool:
    """Whether a job has its result."""
    return (job / STATISTICS).exists()


def has_progress(job: Path) -> bool:
    """Whether a job has a result or a checkpoint, so that starting anew would lose something."""
    return is_done(job) or any(job.glob(f"{CHECKPOINTS}/*.index"))

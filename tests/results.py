"""Results of jobs and comparisons, without any training."""

from typing import Any

from nac.comparison.networks import RANDOM
from nac.comparison.result import ComparisonResult, NetworkResult, Rank, RivalEntry
from nac.rivals.result import RivalJob, RivalResult
from nac.runs.result import JobResult


def job_result(accuracy: float = 0.5, **changes: Any) -> JobResult:
    """Return the result of a job that measured nothing of branches, unless changes say so."""
    values = {
        "featuremaps": {},
        "gates": {},
        "split": "test",
        "accuracy": accuracy,
        "loss": 0.5,
        "notation": "6/3-3/3",
        "parameters": 1000,
        "flops": 20000,
        "seconds": 10.0,
        "device": "CPU",
    }
    return JobResult(**{**values, **changes})


def network_result(name: str, *accuracies: float, **changes: Any) -> NetworkResult:
    """Return the result of a network with an accuracy for each seed from 0."""
    values = {
        "name": name,
        "kind": RANDOM if name.startswith(RANDOM) else name,
        "notation": "6/3-3/3",
        "parameters": 1234,
        "flops": 56789,
        "accuracies": dict(enumerate(accuracies)),
        "mean": sum(accuracies) / len(accuracies) if accuracies else None,
        "deviation": None,
        "seconds": 3.0,
        "failed": (),
    }
    return NetworkResult(**{**values, **changes})


def comparison_result(*networks: NetworkResult, **changes: Any) -> ComparisonResult:
    """Return the result of a comparison of networks with seeds 0 and 1."""
    values = {
        "run": "small",
        "dataset": "digits",
        "split": "test",
        "seeds": (0, 1),
        "random": 2,
        "random_skips": "random",
        "baseline_seed": 0,
        "steps": 8,
        "batch_size": 16,
        "device": "CPU",
        "networks": networks,
        "rank": Rank(rank=2, of=3, random=2),
        "differences": (),
        "statement": "It is better.",
    }
    return ComparisonResult(**{**values, **changes})


def rival_job(**changes: Any) -> RivalJob:
    """Return the job of a rival on digits."""
    values = {
        "rival": "keras_tuner",
        "seconds": 60.0,
        "seed": 0,
        "dataset": "digits",
        "validation_share": 0.25,
    }
    return RivalJob(**{**values, **changes})


def rival_result(accuracy: float, **changes: Any) -> RivalResult:
    """Return what a rival has reached."""
    values = {
        "accuracy": accuracy,
        "parameters": 4000,
        "seconds": 58.0,
        "search_seconds": 42.0,
        "candidates": 5,
        "images": 355,
        "device": "CPU",
        "versions": {"keras_tuner": "1.4.8"},
    }
    return RivalResult(**{**values, **changes})


def rival_entry(name: str, *accuracies: float, **changes: Any) -> RivalEntry:
    """Return what came of a rival, with an accuracy for each seed from 0."""
    values = {
        "name": name,
        "label": {"keras_tuner": "Keras Tuner", "autokeras": "AutoKeras"}[name],
        "budget": 60.0,
        "results": {seed: rival_result(accuracy) for seed, accuracy in enumerate(accuracies)},
        "failed": {},
    }
    return RivalEntry(**{**values, **changes})

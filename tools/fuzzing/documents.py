"""Valid documents of each kind of file, which are then damaged."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import nac
from nac.architecture.json_form import architecture_to_dict
from nac.architecture.network import Architecture
from nac.comparison.networks import CONSTRUCTED, RANDOM
from nac.comparison.result import ComparisonResult, NetworkResult, Rank, RivalEntry
from nac.config import Experiment, experiment_to_dict, load_experiment, training_job
from nac.construction.prior import prior
from nac.construction.restructure import restructure
from nac.construction.statistics import Round, parse_statistics
from nac.judging.result import Agreement, JudgedBranch, JudgedTraining, Judgement, MeanAgreement
from nac.rivals.result import RivalResult
from nac.runs.result import JobResult, Latency
from nac.runs.tournament import Choice, Rung
from nac.utils.files import read_structured
from nac.utils.records import to_json

DIRECTORY = Path(nac.__file__).parent / "experiments"
DIGITS = DIRECTORY / "digits" / "construct.yaml"


@cache
def experiments() -> tuple[Any, ...]:
    """Return the content of the experiment files that come with nac, and one with everything."""
    contents = [read_structured(path) for path in sorted(DIRECTORY.glob("*/*.yaml"))]
    return (*contents, experiment_to_dict(_experiment()))


@cache
def _experiment() -> Experiment:
    return load_experiment(str(DIGITS))


@cache
def first() -> Architecture:
    """Return the prior of the digits."""
    experiment = _experiment()
    return prior(experiment.need("envelopenet"), experiment.stem, experiment.classifier)


@cache
def constructed() -> Architecture:
    """Return the network that follows the prior of the digits."""
    statistics = parse_statistics(to_json(result(first())), first())
    return restructure(first(), statistics, _experiment().need("envelopenet"))


@cache
def architectures() -> tuple[Any, ...]:
    """Return networks of both types, and one that people made."""
    contents = map(read_structured, sorted(DIRECTORY.glob("architectures/*.yaml")))
    micro = [content["arch"] for content in contents if "arch" in content]
    handmade = {"type": "handmade", "network": "resnet", "width": 0.5, "classes": 10}
    own = [architecture_to_dict(network) for network in (first(), constructed())]
    return (*own, handmade, *micro)


def job(architecture: Architecture) -> Any:
    """Return the job that trains a network of the digits."""
    experiment = _experiment()
    return experiment_to_dict(training_job(experiment, architecture, experiment.recipe))


def result(architecture: Architecture) -> JobResult:
    """Return a result of a job, in which everything is measured."""
    metrics = {"mean_square": 0.5, "images": 64.0, "parameters": 36.0, "taylor": 0.1, "mean": 0.2}
    branches = [f"{layer}/{branch}" for layer, branch in architecture.branches()]
    skips = [f"{start}-{end}" for start, end in architecture.skip_connections()]
    return JobResult(
        featuremaps={key: {**metrics, "mean_square": 0.01 * i} for i, key in enumerate(branches)},
        gates={key: 0.5 + 0.01 * i for i, key in enumerate(skips)},
        **{"split": "test", "accuracy": 0.9, "loss": 0.3, "notation": str(architecture.notation)},
        **{"parameters": 1000, "flops": 20000, "seconds": 10.0, "device": "CPU", "steps": 40},
        **{"scored_images": 355, "validation_accuracy": 0.9, "validation_loss": 0.3},
        **{"training_loss": 0.4, "late_training_loss": 0.5, "images_per_second": 1000.0},
        **{"input_wait": 0.01, "elapsed_seconds": 12.0, "energy_joules": 100.0},
        **{"peak_memory_bytes": 2**20, "latency": Latency(1.5, 20, "CPU"), "strategy": "one"},
        rounds=(Round(10, 0.4, {branches[0]: 0.1}, (branches[0],)),),
        versions={"tensorflow": "2.21.0"},
    )


def comparison() -> Any:
    """Return a comparison with random networks and a rival."""
    costs = {"notation": "6/3-3/3", "parameters": 1234, "flops": 56789, "mean": 0.9}
    networks = tuple(
        NetworkResult(
            **{"name": name, "kind": name.rstrip("0123456789"), "accuracies": {0: 0.9, 1: 0.91}},
            **{"deviation": 0.01, "seconds": 3.0, "failed": (), **costs},
        )
        for name in (CONSTRUCTED, f"{RANDOM}00", f"{RANDOM}01")
    )
    rival = RivalResult(0.8, 4000, 58.0, 42.0, 5, 355, "CPU", {"keras_tuner": "1.4.8"})
    return to_json(
        ComparisonResult(
            **{"run": "small", "dataset": "digits", "split": "test", "seeds": (0, 1), "random": 2},
            **{"random_skips": "random", "baseline_seed": 0, "steps": 8, "batch_size": 16},
            **{"device": "CPU", "networks": networks, "rank": Rank(2, 3, 2), "differences": ()},
            rivals=(RivalEntry("keras_tuner", "Keras Tuner", 60.0, {0: rival}, {1: "it ended"}),),
            statement="It is better.",
        )
    )


def judgement() -> Any:
    """Return a judgement of one training."""
    branch = JudgedBranch(1, "Branch0", "1x1", 1, 0.1, 0.01, {"mean_square": 0.5})
    training = JudgedTraining(64, 0.3, 0.9, {"mean_square": Agreement((0.5, None), 0.5)}, (branch,))
    mean = {"mean_square": MeanAgreement((0.5, None), 0.5, None)}
    facts = ("small", 0, "6/3-3/3", "digits", 0.1, False, True)
    return to_json(Judgement(*facts, agreement=mean, seeds={0: training}))


def choice() -> Any:
    """Return what a tournament chose."""
    networks = {"taylor": "6/3-3/3", "random0": "6/3-3/3"}
    rungs = (Rung(10, {"taylor": 0.5, "random0": 0.6}), Rung(20, {"taylor": 0.4}))
    return to_json(Choice("taylor", networks, rungs))


@cache
def run_files() -> Mapping[str, Any]:
    """Return path -> content of the files of a finished run of the digits."""
    experiment = experiment_to_dict(_experiment())
    experiment["parameters"]["iterations"] = 1
    network = architecture_to_dict(constructed())
    return {
        "experiment.yaml": experiment,
        "architecture.json": network,
        "000/job.json": job(first()),
        "000/statistics.json": to_json(result(first())),
        "final/job.json": job(constructed()),
        "final/statistics.json": to_json(result(constructed())),
        "comparison/comparison.json": comparison(),
        "judge/000/judgement.json": judgement(),
    }

"""Iterations whose policy lets trainings choose, without any training."""

from pathlib import Path
from typing import Any

from nac.architecture.network import Architecture
from nac.config import experiment_to_dict, parse_experiment, training_job
from nac.config.splits import search_recipe
from nac.construction.prior import prior
from nac.runs.restructuring import next_step
from nac.runs.result import JobResult, write_result
from nac.runs.tournament import Choice, Rung
from nac.utils.files import write_json, write_yaml
from nac.utils.records import to_json
from tests.experiments import small
from tests.results import job_result


def trained(network: Architecture, **changes: Any) -> JobResult:
    """Return a result in which strengths grow with a branch's position, but fall by weight_norm."""
    branches = network.branches()
    values = {
        f"{layer}/{name}": {
            **dict.fromkeys(("mean_square", "taylor"), float(position)),
            "weight_norm": float(len(branches) - position),
            "random": position / 100,
        }
        for position, (layer, name) in enumerate(branches)
    }
    gates = {f"{s}-{d}": 0.25 + s / 4 for s, d in network.skip_connections()}
    measured = {"featuremaps": values, "gates": gates, "notation": str(network.notation)}
    return job_result(**{**measured, "steps": 12, **changes})


def choice(iteration: Path, winner: str) -> None:
    """Write the choice of a tournament."""
    made = Choice(winner, {winner: "6/2-2/3"}, (Rung(6, {winner: 0.5}),))
    write_json(iteration / "choice.json", to_json(made))


def write_tournament_run(directory: Path, *winners: str) -> Path:
    """Write a run with one iteration more than there are winners, whose tournament is unfinished.

    Args:
        directory: It is created.
        *winners: What was chosen after each of the iterations before it.
    """
    experiment = parse_experiment(small(envelopenet={"policy": "tournament"}), "experiment.yaml")
    write_yaml(directory / "experiment.yaml", experiment_to_dict(experiment))
    (directory / "flags.txt").write_text("--config=experiment.yaml\n")
    settings = experiment.envelopenet
    network = prior(settings, experiment.stem, experiment.classifier)
    for number in range(len(winners) + 1):
        place, result = directory / f"{number:03d}", trained(network)
        job = training_job(experiment, network, search_recipe(experiment))
        write_json(place / "job.json", experiment_to_dict(job))
        write_result(place, result)
        if number < len(winners):
            choice(place, winners[number])
            network = next_step(place, network, result, settings).network
    return directory

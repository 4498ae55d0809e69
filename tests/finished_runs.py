"""Run directories as ``nac.construct`` leaves them, without any training."""

from pathlib import Path
from typing import Any

from nac.architecture.json_form import architecture_to_json
from nac.architecture.network import Architecture
from nac.config import parse_experiment
from nac.construction.prior import prior
from nac.construction.restructure import restructure
from nac.runs.run_directory import open_run
from nac.utils.files import write_atomically
from tests.builders import measured
from tests.experiments import small


def write_run(directory: Path, **changes: dict[str, Any]) -> Architecture:
    """Write a finished run of :func:`tests.experiments.small`, with one iteration.

    Returns:
        its constructed network.
    """
    changes["parameters"] = {"iterations": 1, **changes.get("parameters", {})}
    experiment = parse_experiment(small(**changes), "experiment.yaml")
    open_run(directory, experiment, [])
    network = prior(experiment.envelopenet, experiment.stem, experiment.classifier)
    network = restructure(network, measured(network), experiment.envelopenet)
    write_atomically(directory / "architecture.json", architecture_to_json(network))
    return network

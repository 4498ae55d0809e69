"""Writes a small run directory like that of nac.construct, without any training."""

from pathlib import Path
from typing import Any

from nac.architecture.json_form import architecture_to_json
from nac.architecture.network import Architecture
from nac.config import experiment_to_dict, parse_experiment, training_job
from nac.config.splits import search_recipe
from nac.construction.prior import prior
from nac.runs.restructuring import next_step
from nac.runs.result import JobResult, write_result
from nac.utils.files import write_atomically, write_json, write_yaml
from tests.experiments import small
from tests.results import job_result


def measured_result(architecture: Architecture) -> JobResult:
    """Return a result in which values of a branch grow with its position, gates with the source.

    By ``taylor`` branches have the opposite order.
    """
    positions = enumerate(architecture.branches(), start=1)
    return job_result(
        featuremaps={
            f"{layer}/{branch}": {"mean_square": position / 8, "taylor": 9.0 - position / 8}
            for position, (layer, branch) in positions
        },
        gates={f"{s}-{d}": s / 4 + 0.25 for s, d in architecture.skip_connections()},
        loss=1.25,
        training_loss=1.5,
        steps=12,
        notation=str(architecture.notation),
        parameters=1234,
        flops=56789,
        seconds=3.25,
        images_per_second=60.0,
        input_wait=0.01,
        strategy="OneDeviceStrategy",
        versions={"tensorflow": "2.21.0", "keras": "3.15.1"},
    )


def write_run(
    directory: Path, iterations: int | None = None, final: bool = True, **changes: Any
) -> Path:
    """Write a run of tests.experiments.SMALL and return its directory.

    Args:
        directory: is created.
        iterations: how many are done; None for all, and then the network is constructed.
        final: whether its full training is done too.
        changes: of the experiment, see :func:`tests.experiments.small`.
    """
    experiment = parse_experiment(small(**changes), "experiment.yaml")
    write_yaml(directory / "experiment.yaml", experiment_to_dict(experiment))
    write_atomically(directory / "flags.txt", "--config=experiment.yaml\n--train_final=True\n")
    policy = experiment.envelopenet
    architecture = prior(policy, experiment.stem, experiment.classifier)
    wanted = experiment.parameters.iterations if iterations is None else iterations
    for number in range(wanted):
        job = directory / f"{number:03d}"
        result = _write_job(job, experiment, architecture, final=False)
        architecture = next_step(job, architecture, result, policy).network
    if iterations is None:
        write_atomically(directory / "architecture.json", architecture_to_json(architecture))
        if final:
            _write_job(directory / "final", experiment, architecture, final=True)
    return directory


def _write_job(directory, experiment, architecture, final):
    recipe = experiment.final if final else search_recipe(experiment)
    job = training_job(experiment, architecture, recipe)
    result = measured_result(architecture)
    write_json(directory / "job.json", experiment_to_dict(job))
    write_result(directory, result)
    return result

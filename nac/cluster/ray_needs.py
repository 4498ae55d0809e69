"""What jobs need of the machines of a Ray cluster, and whether these have it."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nac.runs.devices import THREADS, VISIBLE
from nac.utils.errors import InputError


@dataclass(frozen=True)
class Need:
    """What a job needs of a machine: one GPU, or some cores.

    Attributes:
        cores: Number of cores, None for a GPU.
    """

    cores: int | None = None

    @property
    def options(self) -> dict[str, Any]:
        """What Ray reserves for it."""
        if self.cores is None:
            return {"num_gpus": 1, "num_cpus": 0}
        return {"num_gpus": 0, "num_cpus": self.cores}

    @property
    def environment(self) -> dict[str, str]:
        """Variables of its process; numbers of threads that are set here are kept."""
        chosen = {name: os.environ[name] for name in THREADS if name in os.environ}
        if self.cores is None:
            return chosen
        return {VISIBLE: "-1"} | dict.fromkeys(THREADS, str(self.cores)) | chosen

    def rooms(self, nodes: Sequence[Mapping[str, Any]]) -> int:
        """Return how many jobs some machines can run at a time."""
        name, amount = ("GPU", 1) if self.cores is None else ("CPU", self.cores)
        return sum(int(found // amount) for found in resources(nodes, name))

    def check(self, nodes: Sequence[Mapping[str, Any]]) -> None:
        """Raise InputError if no machine can run a job."""
        if self.rooms(nodes):
            return
        if self.cores is None:
            raise InputError(
                "--executor=ray: expected a Ray cluster with a GPU for each job, received"
                f" {described(nodes)}; --cores_per_job=N lets jobs run on N cores each"
            )
        most = max(resources(nodes, "CPU"), default=0)
        raise InputError(
            f"--cores_per_job: expected at most {math.floor(most)}, the cores of the largest"
            f" machine of the Ray cluster, received {self.cores}"
        )


def resources(nodes: Sequence[Mapping[str, Any]], name: str) -> list[float]:
    """Return how much each living machine has of something.

    Args:
        nodes: As ``ray.nodes()`` lists them.
        name: "CPU" or "GPU".
    """
    return [node["Resources"].get(name, 0.0) for node in nodes if node["Alive"]]


def described(nodes: Sequence[Mapping[str, Any]]) -> str:
    """Return what a cluster consists of, such as "2 machines with 8 GPUs and 64 cores"."""
    gpus, cores = (int(sum(resources(nodes, name))) for name in ("GPU", "CPU"))
    count = sum(node["Alive"] for node in nodes)
    parts = [
        f"{number} {noun if number == 1 else f'{noun}s'}"
        for number, noun in ((count, "machine"), (gpus, "GPU"), (cores, "core"))
    ]
    return f"{parts[0]} with {parts[1]} and {parts[2]}"

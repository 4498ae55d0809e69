"""What each of several jobs at a time runs on; found out without TensorFlow."""

import os
import subprocess
from collections.abc import Mapping

from nac.utils.errors import InputError

VISIBLE = "CUDA_VISIBLE_DEVICES"
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


def visible_gpus(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return the GPUs that a job can have, as ``CUDA_VISIBLE_DEVICES`` names them.

    Args:
        environment: its ``CUDA_VISIBLE_DEVICES`` counts if it is set, else what ``nvidia-smi``
            lists.
    """
    if VISIBLE in environment:
        names = [name.strip() for name in environment[VISIBLE].split(",")]
        end = next((i for i, name in enumerate(names) if name in ("", "-1")), len(names))
        return names[:end]  # as CUDA reads it: what follows a wrong name is not there
    return [str(number) for number in range(_count(_nvidia_smi()))]


def _nvidia_smi() -> str:
    try:
        return subprocess.run(
            ["nvidia-smi", "-L"], capture_output=True, text=True, timeout=60, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _count(listing: str) -> int:
    return sum(line.startswith("GPU ") for line in listing.splitlines())


def worker_environments(
    parallel: int | None,
    gpus: list[str],
    cores: int,
    environment: Mapping[str, str] = os.environ,
) -> list[dict[str, str]]:
    """Return the variables that the jobs of each worker get.

    With GPUs each worker has one of them. Without, several workers share the cores.

    Args:
        parallel: number of workers; None: one per GPU, one without.
        gpus: see :func:`visible_gpus`.
        cores: number of cores.
        environment: numbers of threads that are set here stay.

    Raises:
        InputError: more workers than GPUs.
    """
    count = parallel or len(gpus) or 1
    if gpus:
        if count > len(gpus):
            raise InputError(
                f"--parallel: expected at most {len(gpus)}, one job per GPU, received {count}"
            )
        return [{VISIBLE: gpu} for gpu in gpus[:count]]
    share = str(max(1, cores // count))
    divided = {} if count == 1 else {name: share for name in THREADS if name not in environment}
    return [divided] * count

"""The devices of jobs that run at the same time, found without TensorFlow."""

import os
import platform
import re
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from nac.utils import limits
from nac.utils.errors import InputError

VISIBLE = "CUDA_VISIBLE_DEVICES"
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


def visible_gpus(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return the GPUs that a job can use, as ``CUDA_VISIBLE_DEVICES`` names them.

    Args:
        environment: If its ``CUDA_VISIBLE_DEVICES`` is set, it lists the GPUs, otherwise
            ``nvidia-smi`` does.
    """
    if VISIBLE in environment:
        names = [name.strip() for name in environment[VISIBLE].split(",")]
        end = next((i for i, name in enumerate(names) if name in ("", "-1")), len(names))
        return names[:end]  # CUDA ignores an invalid name and everything after it
    return [str(number) for number in range(_count(_nvidia_smi()))]


def device_names(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return the names of the GPUs that a job can use, or that of the CPU if there is none.

    Args:
        environment: See :func:`visible_gpus`.
    """
    gpus = visible_gpus(environment)
    return [_gpu_name(gpu, _nvidia_smi()) for gpu in gpus] or [cpu_name()]


def _gpu_name(gpu: str, listing: str) -> str:
    """Return the name of a GPU, which is given by its number or the beginning of its identifier."""
    for line in listing.splitlines():
        match = re.match(r"GPU (\d+): (.*) \(UUID: (.*)\)", line)
        if match and (gpu == match[1] or match[3].startswith(gpu)):
            return match[2]
    return f"GPU {gpu}"


def cpu_name(listing: Path = Path("/proc/cpuinfo")) -> str:
    """Return the name of the CPU.

    Args:
        listing: File in which Linux describes it; elsewhere there is none.
    """
    with suppress(OSError):
        named = re.search(r"^model name\s*: *(.*\S)", listing.read_text(), re.MULTILINE)
        if named:
            return named[1]
    return platform.processor() or platform.machine() or "CPU"


def gpu_memory_bytes() -> int | None:
    """Return the memory of the smallest GPU in bytes, None where the driver does not tell it."""
    listing = _nvidia_smi("--query-gpu=memory.total", "--format=csv,noheader,nounits")
    return min((int(line) * 2**20 for line in listing.split() if line.isdecimal()), default=None)


def _nvidia_smi(*arguments: str) -> str:
    try:
        command = ["nvidia-smi", *(arguments or ("-L",))]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=60, check=False
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
    """Return the environment variables for the jobs of each worker.

    With GPUs each worker has one of them; without, the workers share the cores.

    Args:
        parallel: Number of workers; None means one per GPU, or one without GPUs.
        gpus: The GPUs, see :func:`visible_gpus`.
        cores: Number of cores.
        environment: Numbers of threads that are set here are kept.

    Raises:
        InputError: There are more workers than GPUs, or than any machine has use for.
    """
    count = parallel or len(gpus) or 1
    if count > limits.DEVICES:
        raise InputError(f"--parallel: expected at most {limits.DEVICES}, received {count}")
    if gpus:
        if count > len(gpus):
            raise InputError(
                f"--parallel: expected at most {len(gpus)}, one job per GPU, received {count}"
            )
        return [{VISIBLE: gpu} for gpu in gpus[:count]]
    share = str(max(1, cores // count))
    divided = {} if count == 1 else {name: share for name in THREADS if name not in environment}
    return [divided] * count

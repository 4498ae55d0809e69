"""Whether GPUs, their driver and the installed CUDA wheels fit together, found without TensorFlow.

The limits are those of NVIDIA's support matrix of cuDNN and of TensorFlow's wheels.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

Version = tuple[int, ...]

OLDEST_GPU: Version = (6, 0)
"""Lowest compute capability that TensorFlow's wheels have code for."""
VOLTA_CUDNN: Version = (9, 11)
"""First cuDNN without code for Volta (compute capability 7.0) and older GPUs."""
TURING: Version = (7, 5)
"""Lowest compute capability that cuDNN supports since then."""
OLDEST_DRIVER = "525.60.13"
"""Oldest driver for CUDA 12."""
BLACKWELL: Version = (10, 0)
BLACKWELL_DRIVER = "570.26"
"""Oldest driver for Blackwell, from this compute capability on."""

QUERY = ("nvidia-smi", "--query-gpu=name,driver_version,compute_cap", "--format=csv,noheader")
"""Command whose output :func:`read_gpus` reads."""


@dataclass(frozen=True)
class Gpu:
    """A GPU as its driver describes it.

    Attributes:
        name: Such as ``Tesla V100-SXM2-16GB``.
        driver: Version of the driver, such as ``535.183.01``.
        capability: Compute capability, such as ``7.0``.
    """

    name: str
    driver: str
    capability: str


@dataclass(frozen=True)
class Wheels:
    """Versions of the packages that are installed.

    Attributes:
        tensorflow: Version of TensorFlow.
        cuda: Version of the CUDA runtime, None without the extra ``[gpu]``.
        cudnn: Version of cuDNN, None without the extra ``[gpu]``.
    """

    tensorflow: str
    cuda: str | None
    cudnn: str | None


def installed_wheels() -> Wheels:
    """Return the versions of the packages that are installed."""
    return Wheels(
        _version("tensorflow") or "missing",
        _version("nvidia-cuda-runtime-cu12"),
        _version("nvidia-cudnn-cu12"),
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def read_gpus(listing: str) -> list[Gpu]:
    """Return the GPUs that the output of :data:`QUERY` lists.

    Args:
        listing: A line per GPU; lines of another form, such as messages of errors, are skipped.
    """
    rows = [[cell.strip() for cell in row] for row in csv.reader(listing.splitlines())]
    return [Gpu(*row) for row in rows if len(row) == 3 and re.fullmatch(r"\d+\.\d+", row[2])]


def support_line(wheels: Wheels, gpus: Sequence[Gpu]) -> str:
    """Return one line with the versions of TensorFlow, CUDA and cuDNN, and the GPUs."""
    cuda = f"CUDA {wheels.cuda}, cuDNN {wheels.cudnn}" if wheels.cuda else "no CUDA"
    found = [f"{gpu.name} (capability {gpu.capability}, driver {gpu.driver})" for gpu in gpus]
    return f"TensorFlow {wheels.tensorflow}, {cuda}, GPU: {', '.join(found) or 'none'}"


def remedy(wheels: Wheels, gpus: Sequence[Gpu]) -> str | None:
    """Return what does not fit and what to do, as one line; None if everything fits.

    Args:
        wheels: The installed packages. Without CUDA everything fits, since GPUs are not used.
        gpus: The GPUs that TensorFlow would use.

    Example::

        >>> wheels = Wheels("2.21.0", "12.9.79", "9.10.2.21")
        >>> remedy(wheels, [Gpu("V100", "470.57", "7.0")])
        'V100: expected driver 525.60.13 or newer, received 470.57: update the driver of the host'
    """
    if not wheels.cuda:
        return None
    found = (_remedy(wheels, gpu) for gpu in gpus)
    return next((text for text in found if text), None)


def _remedy(wheels: Wheels, gpu: Gpu) -> str | None:
    capability = _numbers(gpu.capability)
    driver = BLACKWELL_DRIVER if capability >= BLACKWELL else OLDEST_DRIVER
    if capability < OLDEST_GPU:
        return (
            f"{gpu.name}: expected compute capability 6.0 or newer, received {gpu.capability}: "
            "use another GPU or the CPU"
        )
    if _numbers(gpu.driver) < _numbers(driver):
        return (
            f"{gpu.name}: expected driver {driver} or newer, received {gpu.driver}: "
            "update the driver of the host"
        )
    if capability < TURING and _numbers(wheels.cudnn or "0") >= VOLTA_CUDNN:
        return (
            f"{gpu.name}: expected cuDNN 9.10 or older for compute capability {gpu.capability}, "
            f"received {wheels.cudnn}: install nvidia-cudnn-cu12==9.10.2.21, as in constraints.txt"
        )
    return None


def _numbers(text: str) -> Version:
    return tuple(map(int, re.findall(r"\d+", text)))


def advice(wheels: Wheels, gpus: Sequence[Gpu]) -> str | None:
    """Return one line about a GPU that is there but not used, or None.

    Args:
        wheels: The installed packages.
        gpus: The GPUs that the driver lists.
    """
    if wheels.cuda and not gpus:
        return (
            "no GPU was passed in, so the CPU is used; docker run --gpus all passes all of them, "
            "with the NVIDIA container toolkit on the host"
        )
    if gpus and not wheels.cuda:
        return "this image has no CUDA, so the CPU is used; build it without VARIANT=cpu for GPUs"
    return None

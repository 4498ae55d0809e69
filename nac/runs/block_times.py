"""The times of a device's blocks: measured once, and kept in the user's cache directory."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from nac.construction.step_time import BlockTimes
from nac.runs.devices import device_names
from nac.runs.layout import BLOCK_TIMES
from nac.runs.versions import TENSORFLOW, installed_version
from nac.utils.errors import InputError, NacError
from nac.utils.files import read_json, write_json
from nac.utils.processes import available_cores
from nac.utils.records import from_json, to_json

CACHE = "XDG_CACHE_HOME"
"""Environment variable that names the cache directory; by default it is ``~/.cache``."""

FLOAT32 = "float32"


def times_path(dtype_policy: str = FLOAT32, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the file of the devices at hand, whether it exists or not.

    Its name has all that times depend on: devices, cores, TensorFlow's version, dtype policy.

    Args:
        dtype_policy: Keras' dtype policy of the networks.
        environment: May set ``XDG_CACHE_HOME``, and ``CUDA_VISIBLE_DEVICES``.
    """
    cache = Path(environment.get(CACHE) or Path.home() / ".cache")
    devices, cores = " ".join(device_names(environment)), f"{available_cores()} cores"
    parts = (devices, cores, f"tensorflow {tensorflow_version()}", dtype_policy)
    name = "_".join(re.sub(r"[^\w.]+", "-", part.strip()) for part in parts)
    return cache / "nac" / f"{name}.json"


def tensorflow_version() -> str:
    """Return the version of TensorFlow, which is not imported for that."""
    return installed_version(*TENSORFLOW) or "unknown"


def kept_times(path: Path) -> BlockTimes | None:
    """Return the times that a file keeps, None if there is no such file.

    Raises:
        InputError: The file is damaged.
    """
    if not path.exists():
        return None
    times = from_json(BlockTimes, read_json(path), str(path))
    times.check(str(path))
    return times


def undamaged_times(path: Path) -> BlockTimes | None:
    """Return the times that a file keeps; None, and a line that says so, if it is damaged."""
    try:
        return kept_times(path)
    except InputError as error:
        print(f"note: {error}; it has to be measured again", file=sys.stderr)
        return None


def keep_times(times: BlockTimes, path: Path) -> None:
    """Write times to a file, whole or not at all."""
    write_json(path, to_json(times))


def block_times(
    dtype_policy: str = FLOAT32,
    arguments: Sequence[str] = (),
    say: Callable[[str], object] = print,
) -> BlockTimes:
    """Return the times of the devices at hand; measure them if no file keeps them.

    That takes a minute or two, in processes of their own.

    Args:
        dtype_policy: Keras' dtype policy of the networks.
        arguments: Further flags of ``nac.measure``.
        say: Tells the user that they are measured.

    Raises:
        NacError: They cannot be measured.
    """
    path = times_path(dtype_policy)
    times = undamaged_times(path)
    if times is None:
        say("measuring the time of blocks on this device, once: a minute or two")
        times = _measured(path, [f"--dtype_policy={dtype_policy}", "--again", *arguments])
    return times


def run_times(directory: Path, say: Callable[[str], object] = print) -> Callable[[str], BlockTimes]:
    """Return the function from a dtype policy to the times that hold for a run.

    A run keeps the times with which it began (see :func:`keep_run_times`). So it arrives at the
    same networks if it is continued after the device was measured again, or on another device.

    Args:
        directory: The run directory, which may not exist yet.
        say: Tells the user if they have to be measured.
    """

    def times(dtype_policy: str) -> BlockTimes:
        own = kept_times(directory / BLOCK_TIMES)
        kept = own and own.dtype_policy == dtype_policy
        return own if own and kept else block_times(dtype_policy, say=say)

    return times


def keep_run_times(directory: Path, dtype_policy: str) -> None:
    """Keep the times that hold for a run in its directory, which is locked by the caller."""
    keep_times(run_times(directory)(dtype_policy), directory / BLOCK_TIMES)


def _measured(path: Path, arguments: Sequence[str]) -> BlockTimes:
    command = [sys.executable, "-m", "nac.measure", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    times = undamaged_times(path)
    if done.returncode or times is None:
        reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise NacError(f"the time of blocks could not be measured: {reason}")
    return times

"""Entry point of the image: says what it runs on, then becomes ``python -m`` with the arguments.

It prints one line with the versions of TensorFlow, CUDA, cuDNN and the GPU to the standard error,
and stops with exit code 1 and the remedy if these do not fit together. ``CUDA_VISIBLE_DEVICES=-1``
makes it use the CPU.
"""

import os
import subprocess
import sys
from contextlib import suppress

from nac.runs.devices import VISIBLE, visible_gpus
from nac.runs.gpu_support import (
    QUERY,
    Gpu,
    advice,
    installed_wheels,
    read_gpus,
    remedy,
    support_line,
)


def say(text: str) -> None:
    """Print a line, where it does not mix with the output of the command."""
    print(f"nac: {text}", file=sys.stderr, flush=True)


def listed_gpus() -> list[Gpu]:
    """Return the GPUs that the driver lists."""
    with suppress(OSError, subprocess.TimeoutExpired):
        listed = subprocess.run(QUERY, capture_output=True, text=True, timeout=60, check=False)
        return read_gpus(listed.stdout)
    return []


def main() -> None:
    """Say what is there, stop if it does not fit, and become the command."""
    hidden = VISIBLE in os.environ and not visible_gpus()
    wheels, gpus = installed_wheels(), [] if hidden else listed_gpus()
    say(support_line(wheels, gpus))
    if problem := remedy(wheels, gpus):
        sys.exit(f"error: {problem}, or set {VISIBLE}=-1 to use the CPU")
    if not hidden and (hint := advice(wheels, gpus)):
        say(f"note: {hint}")
    # No process stays in between, so that the signals of docker stop reach the command itself.
    os.execv(sys.executable, [sys.executable, "-m", *sys.argv[1:]])


if __name__ == "__main__":
    main()

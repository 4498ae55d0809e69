"""Builds the Docker image with buildah and tries it; run it once per release, as tools/docker_test.

No Docker engine and no registry of images are needed, see tools/containers.py, but Debian, root,
and 12 GB of disk (35 GB with --gpu), which are free again afterwards. What was checked is printed.
"""

import argparse
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tools.containers import STOP_SECONDS, Buildah, Image, build, first_process, make_base, stop

CONSTRUCT = ("nac.construct", "--flagfile=experiments/digits/construct.flags", "--workdir=/runs")
USER = 1000
"""Number of the user of the image."""
STOPPED = 143
"""Exit code after SIGTERM."""
LIMIT = 2.5e9
"""Bytes that the image for CPUs may have."""


def check(fact: str, holds: bool) -> None:
    """Print a fact that is to hold, and stop if it does not."""
    print(f"{'ok    ' if holds else 'FAILED'} {fact}", flush=True)
    if not holds:
        sys.exit(1)


def runs_directory(directory: Path, name: str) -> Path:
    """Make a directory for the runs of a container."""
    runs = directory / name
    runs.mkdir()
    os.chown(runs, USER, USER)
    return runs


def try_construction(image: Image, directory: Path) -> None:
    """Construct a network for the digits, and check what is there then."""
    runs = runs_directory(directory, "construct")
    process = image.start(runs, *CONSTRUCT)
    output, _ = process.communicate()
    print(re.sub("^", "    ", output, flags=re.MULTILINE))
    check("a construction ends with exit code 0", process.returncode == 0)
    check("the first line says what it runs on", output.startswith("nac: TensorFlow "))
    check("the trained model is there", (runs / "digits/model.keras").is_file())
    check("the report is there", (runs / "digits/report.html").is_file())
    owners = {path.stat().st_uid for path in runs.rglob("*")}
    check(f"all files belong to the user that ran it, {USER}", owners == {USER})


def try_stopping(image: Image, directory: Path) -> None:
    """Stop a construction in its first training, as docker stop does."""
    process = image.start(runs_directory(directory, "stop"), *CONSTRUCT)
    next(line for line in process.stdout if "compiled in" in line)
    code, seconds = stop(process, getattr(signal, image.config["StopSignal"]))
    check(f"SIGTERM while training: exit code {code} after {seconds:.1f} s", code == STOPPED)


def try_tensorboard(image: Image, directory: Path) -> None:
    """Start TensorBoard as docs/docker.md says, look at its page, and stop it."""
    port = int(next(iter(image.config["ExposedPorts"])).removesuffix("/tcp"))
    arguments = ("tensorboard.main", "--logdir=/runs", "--host=0.0.0.0")
    process = image.start(directory / "construct", *arguments)
    next(line for line in process.stdout if f":{port}/" in line)
    inside = ("nsenter", "--net", "--target", str(first_process(process.pid)))
    ask = f"import urllib.request as r; print(r.urlopen('http://127.0.0.1:{port}/').status)"
    answer = subprocess.run(
        [*inside, sys.executable, "-c", ask], check=True, capture_output=True, text=True
    )
    check(f"TensorBoard answers at port {port}", answer.stdout.strip() == "200")
    code, seconds = stop(process, signal.SIGTERM)
    check(f"SIGTERM to TensorBoard: exit code {code} after {seconds:.1f} s", seconds < STOP_SECONDS)


def try_refusals(image: Image, directory: Path) -> None:
    """Check that the root is read-only, that there is no network, and who runs."""
    program = (
        "import os, socket\n"
        "writable = [os.access(path, os.W_OK) for path in ('/opt/nac', '/tmp')]\n"
        "print(os.getpid(), os.getuid(), *writable)\n"
        "print([name for _, name in socket.if_nameindex()])\n"
        "try: open('/opt/nac/x', 'w')\n"
        "except OSError as error: print(error.strerror)\n"
    )
    runs = runs_directory(directory, "refusals")
    output, _ = image.start(runs, "-c", program, entry=["python"]).communicate()
    lines = output.splitlines()
    check(
        f"process 1, user {USER}, writes /tmp but not the code", lines[0] == f"1 {USER} False True"
    )
    check("there is no network", lines[1] == "['lo']")
    check("the root file system is read-only", lines[2] == "Read-only file system")


def trial(work: Callable[[Path], None]) -> None:
    """Do the work in a directory that is removed afterwards, with all that is mounted there."""
    directory = Path(tempfile.mkdtemp(prefix="nac-image-"))
    try:
        work(directory)
    finally:
        for line in reversed(Path("/proc/mounts").read_text().splitlines()):
            if line.split()[1].startswith(f"{directory}/"):
                subprocess.run(["umount", "--lazy", line.split()[1]], check=False)
        shutil.rmtree(directory)


def main(arguments: Sequence[str]) -> None:
    """Build and try the image for CPUs, and with --gpu also build the one for GPUs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--storage_driver", default="overlay", help="of buildah; or vfs")
    parser.add_argument("--gpu", action="store_true", help="build the image for GPUs, too")
    flags = parser.parse_args(arguments)

    def work(directory: Path) -> None:
        buildah = Buildah(directory, flags.storage_driver)
        base = make_base(buildah, directory)
        begin = time.monotonic()
        image = Image(buildah, build(buildah, base, "cpu", directory))
        print(
            f"built in {time.monotonic() - begin:.0f} s: {shlex.join(image.config['Entrypoint'])}"
        )
        check(f"the image for CPUs has {image.size() / 1e9:.2f} GB", image.size() < LIMIT)
        try_construction(image, directory)
        print(f"from build to constructed network: {time.monotonic() - begin:.0f} s")
        try_tensorboard(image, directory)
        try_refusals(image, directory)
        try_stopping(image, directory)
        if flags.gpu:
            larger = Image(buildah, build(buildah, base, "gpu", directory))
            print(f"the image for GPUs has {larger.size() / 1e9:.2f} GB")

    trial(work)


if __name__ == "__main__":
    main(sys.argv[1:])

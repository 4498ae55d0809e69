"""Builds images with buildah and runs their commands, without a Docker engine.

Debian's packages of Python 3.11 stand in for the base image python:3.12-slim. A command runs in
namespaces of its own, as Docker runs it with --read-only --tmpfs /tmp --network none.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MIRROR = "http://deb.debian.org/debian"
RELEASE = "bookworm"
PACKAGES = "ca-certificates,python3,python3-venv,tzdata"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
STOP_SECONDS = 30
"""Seconds that a container may take to stop, before it is killed."""

CONTAINER = """
set -e
root=$1 runs=$2 user=$3 directory=$4; shift 4
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
mount --bind "$runs" "$root/runs"
mount --bind /etc/hosts "$root/etc/hosts"
mount -o remount,bind,ro "$root"
ip link set lo up
exec chroot --userspec="$user" "$root" env -i -C "$directory" "$@"
"""
"""Shell script that becomes the command of the image; it is process 1 of its namespace."""


class Buildah:
    """A store of images of its own.

    Args:
        directory: Where it is.
        driver: Storage driver of buildah.
    """

    def __init__(self, directory: Path, driver: str) -> None:
        self._environment = {**os.environ, "TMPDIR": str(directory)}
        self._options = [
            *("--root", str(directory / "storage"), "--runroot", str(directory / "run")),
            *("--storage-driver", driver),
        ]

    def __call__(self, *arguments: str) -> str:
        """Run a command, show what it says about its progress, and return what it prints."""
        command = ["buildah", *self._options, *arguments]
        answer = subprocess.run(
            command, env=self._environment, check=True, stdout=subprocess.PIPE, text=True
        )
        return answer.stdout.strip()


def make_base(buildah: Buildah, directory: Path) -> str:
    """Make the stand-in for the base image and return its name.

    As in python:3.12-slim, the first ``python`` and ``pip`` on the PATH are those of /usr/local,
    with packages of their own.
    """
    archive = directory / "base.tar"
    subprocess.run(
        [
            *("mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}"),
            "--customize-hook=chroot $1 python3 -m venv /usr/local",
            "--customize-hook=touch $1/etc/hosts",
            *(RELEASE, str(archive), MIRROR),
        ],
        check=True,
    )
    container = buildah("from", "scratch")
    buildah("add", "--quiet", container, str(archive), "/")
    archive.unlink()
    path = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
    buildah("config", "--env", f"PATH={path}", "--env", "LANG=C.UTF-8", container)
    buildah("commit", "--quiet", "--rm", container, "localhost/nac-base")
    return "localhost/nac-base"


def build(buildah: Buildah, base: str, variant: str, directory: Path) -> str:
    """Build the image and return its name.

    The CA bundle of this machine is mounted, since pip may reach the index through a proxy.
    """
    settings = directory / "pip.conf"
    settings.write_text(f"[global]\ncert = {CERTIFICATES}\ndisable-pip-version-check = 1\n")
    image = f"localhost/nac:{variant}"
    buildah(
        *("build", "--quiet", "--isolation=chroot", "--format=docker", f"--tag={image}"),
        *(f"--build-arg=BASE={base}", f"--build-arg=VARIANT={variant}"),
        *("--volume", f"{CERTIFICATES}:{CERTIFICATES}:ro"),
        *("--volume", f"{settings}:/etc/pip.conf:ro"),
        str(ROOT),
    )
    return image


class Image:
    """A built image, mounted, whose commands run in namespaces of their own.

    Args:
        buildah: Where it is.
        name: Its name.
    """

    def __init__(self, buildah: Buildah, name: str) -> None:
        self.config = json.loads(buildah("inspect", "--type=image", name))["Docker"]["config"]
        self._container = buildah("from", name)
        self.root = Path(buildah("mount", self._container))

    def size(self) -> int:
        """Return the bytes of its files."""
        answer = subprocess.run(
            ["du", "-sx", "-B1", str(self.root)], check=True, capture_output=True, text=True
        )
        return int(answer.stdout.split()[0])

    def start(
        self, runs: Path, *arguments: str, entry: Sequence[str] = ()
    ) -> subprocess.Popen[str]:
        """Start a command in the image, without network and with a root that is read-only.

        Args:
            runs: Directory that is mounted at /runs.
            arguments: What docker run would get after the name of the image.
            entry: Another entry point than that of the image.
        """
        config = self.config
        return subprocess.Popen(
            [
                *("unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork"),
                *("sh", "-c", CONTAINER, "container", str(self.root), str(runs), config["User"]),
                *(
                    config["WorkingDir"],
                    *config["Env"],
                    *(entry or config["Entrypoint"]),
                    *arguments,
                ),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def first_process(parent: int) -> int:
    """Return the host's number of process 1 of the container that ``unshare`` started."""
    children = Path(f"/proc/{parent}/task/{parent}/children")
    return int(children.read_text().split()[0])


def stop(process: subprocess.Popen[str], number: int) -> tuple[int, float]:
    """Send a signal to process 1 of a container; return its exit code and the seconds it took.

    If it does not end, it is killed, and its exit code tells that.
    """
    begin, first = time.monotonic(), first_process(process.pid)
    os.kill(first, number)
    try:
        process.communicate(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.kill(first, signal.SIGKILL)
        process.communicate()
    return process.returncode, time.monotonic() - begin

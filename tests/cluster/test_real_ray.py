"""A comparison on a Ray cluster of two nodes on this machine, one of which is killed.

tools/cluster_test runs it in an environment with the extra ``cluster``.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import pytest

from tests.experiments import command, environment
from tests.finished_runs import write_run

pytest.importorskip("ray", reason='Ray is not installed (pip install "nac[cluster]")')

pytestmark = pytest.mark.slow

SECONDS = 300
COMPARED = ("--random=0", "--noworst_case", "--seeds=1", "--checkpoint_seconds=1")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_until(condition, what):
    deadline = time.monotonic() + SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.2)
    return found


class Cluster:
    """Nodes of one core each.

    Args:
        stack: Ends them.
        log: Where they say what they do.
    """

    def __init__(self, stack, log):
        self.stack, self.log, self.port, self.nodes = stack, log, free_port(), 0
        # Otherwise anyone who reaches the port could start programs here.
        token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        self.environment = {**environment(), "RAY_USAGE_STATS_ENABLED": "0", **token}
        self.address = f"127.0.0.1:{self.port}"
        self.start("--head", f"--port={self.port}", "--include-dashboard=false")

    def start(self, *arguments):
        """Start a node and return the process that is its agent for jobs, the raylet."""
        common = ("--num-cpus=1", "--num-gpus=0", "--object-store-memory=100000000", "--block")
        node = subprocess.Popen(
            [sys.executable, "-m", "ray.scripts.scripts", "start", *arguments, *common],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )
        self.stack.callback(self.end, node)
        self.nodes += 1
        wait_until(lambda: node.poll() is not None or self._has_all(), "a node")
        (raylet,) = (
            each for each in psutil.Process(node.pid).children() if each.name() == "raylet"
        )
        return raylet

    def _has_all(self):
        return Path(self.log.name).read_text().count("Ray runtime started.") == self.nodes

    def end(self, node):
        node.terminate()
        node.wait(60)

    def add(self):
        return self.start(f"--address={self.address}")


@pytest.fixture
def cluster(tmp_path):
    with ExitStack() as stack, open(tmp_path / "ray.txt", "wb") as log:
        yield Cluster(stack, log)


def compare(place, environment, *flags):
    """Start a comparison of the run in a folder."""
    return subprocess.Popen(
        command("compare", f"--run={place / 'small'}", *COMPARED, *flags),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def results(place):
    """Return place of a job -> accuracy and loss, of which Python prints each bit."""
    paths = (place / "small/comparison").glob("*/*/statistics.json")
    found = {path.parent.relative_to(place): json.loads(path.read_text()) for path in paths}
    return {path: (result["accuracy"], result["loss"]) for path, result in found.items()}


def saved_job(raylet):
    """Return the process of a job on a node that has saved a checkpoint, None if there is none."""
    with suppress(psutil.NoSuchProcess):  # one that has just ended
        for process in raylet.children(recursive=True):
            for opened in process.open_files() if "nac.train" in process.cmdline() else ():
                path = Path(opened.path)
                if path.name == "lock" and list((path.parent / "checkpoints").glob("*.index")):
                    return process
    return None


def test_a_killed_node_does_not_change_the_comparison(cluster, tmp_path):
    """Each node has a job when one of them is killed, and the other node continues its job."""
    write_run(tmp_path / "ray" / "small", final_training={"steps": 6000})
    shutil.copytree(tmp_path / "ray", tmp_path / "local")
    other = cluster.add()
    address = f"--ray_address={cluster.address}"
    ray = ("--executor=ray", "--cores_per_job=1", address)
    process = compare(tmp_path / "ray", cluster.environment, *ray)
    job = wait_until(lambda: process.poll() is not None or saved_job(other), "a checkpoint")
    assert process.poll() is None, process.communicate()
    other.kill()
    job.wait(60)
    output, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, errors) == (0, "")
    lines = output.splitlines()
    assert lines[0] == "Ray: 2 machines with 0 GPUs and 2 cores"
    (lost,) = (line for line in lines if "is lost" in line)
    assert lost.endswith("is lost; another one continues at its newest checkpoint, attempt 2 of 4")
    logs = [path.read_text() for path in (tmp_path / "ray/small/comparison").glob("*/*/log.txt")]
    assert sum("resumed after step" in log for log in logs) == 1

    local = compare(tmp_path / "local", os.environ | environment(), "--parallel=2")
    _, errors = local.communicate(timeout=SECONDS)
    assert (local.returncode, errors) == (0, "")
    assert results(tmp_path / "ray") == results(tmp_path / "local")
    assert len(results(tmp_path / "ray")) == 2

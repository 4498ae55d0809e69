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
from contextlib import ExitStack

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
        self.stack, self.log, self.port = stack, log, free_port()
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
        return wait_until(lambda: self._raylet(node), "a node")

    def _raylet(self, node):
        assert node.poll() is None, "a node has ended"
        children = psutil.Process(node.pid).children()
        return next((each for each in children if each.name() == "raylet"), None)

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


def accuracies(place):
    result = json.loads((place / "small/comparison/comparison.json").read_text())
    return {network["name"]: network["results"] for network in result["networks"]}


def jobs_of(raylet):
    """Return the processes of jobs on a node."""
    try:
        return [each for each in raylet.children(recursive=True) if "nac.train" in each.cmdline()]
    except psutil.NoSuchProcess:  # one that has just ended
        return []


def test_a_killed_node_does_not_change_the_comparison(cluster, tmp_path):
    """Both jobs have begun, one on each node, when the other node is killed."""
    write_run(tmp_path / "ray" / "small", final_training={"steps": 3000})
    shutil.copytree(tmp_path / "ray", tmp_path / "local")
    other = cluster.add()
    address = f"--ray_address={cluster.address}"
    ray = ("--executor=ray", "--cores_per_job=1", address)
    process = compare(tmp_path / "ray", cluster.environment, *ray)
    saved = "small/comparison/*/seed0/checkpoints/*.index"
    places = wait_until(
        lambda: len({path.parent for path in (tmp_path / "ray").glob(saved)}) == 2, "checkpoints"
    )
    assert places
    (job,) = jobs_of(other)
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
    assert accuracies(tmp_path / "ray") == accuracies(tmp_path / "local")

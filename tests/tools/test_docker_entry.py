"""The entry point of the image: its line, what stops it, and the command that it becomes."""

import os
import subprocess
import sys

import pytest

from tests.experiments import ROOT, environment

V100 = "Tesla V100-SXM2-16GB, 535.183.01, 7.0"


@pytest.fixture
def enter(tmp_path):
    """Return a function that runs the entry point beside a driver that lists GPUs."""

    def run(listing, *arguments, **variables):
        driver = tmp_path / "nvidia-smi"
        driver.write_text(f"#!/bin/sh\necho '{listing}'\n")
        driver.chmod(0o755)
        path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
        return subprocess.run(
            [sys.executable, ROOT / "tools/docker_entry.py", *arguments],
            env={**environment(), **path, **variables},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def with_cuda(folder):
    """Return variables with which the packages of CUDA seem to be installed."""
    for name, version in (("cuda_runtime_cu12", "12.9.79"), ("cudnn_cu12", "9.11.0.98")):
        metadata = folder / f"nvidia_{name}-{version}.dist-info" / "METADATA"
        metadata.parent.mkdir()
        metadata.write_text(f"Metadata-Version: 2.1\nName: nvidia-{name}\nVersion: {version}\n")
    return {"PYTHONPATH": f"{folder}:{ROOT}"}


def test_it_says_what_it_runs_on_and_becomes_the_module(enter):
    result = enter("", "platform", CUDA_VISIBLE_DEVICES="")
    assert (result.returncode, len(result.stdout.splitlines())) == (0, 1)
    assert result.stderr.startswith("nac: TensorFlow 2.")
    assert result.stderr.endswith("no CUDA, GPU: none\n")


def test_the_exit_code_is_that_of_the_module(enter):
    assert enter("", "nac.construct", "--nonsense").returncode == 1


def test_a_gpu_without_cuda_is_worth_a_note(enter):
    result = enter(V100, "platform")
    assert result.returncode == 0
    assert "nac: note: this image has no CUDA" in result.stderr


def test_what_does_not_fit_stops_it(enter, tmp_path):
    result = enter(V100, "platform", **with_cuda(tmp_path))
    assert (result.returncode, result.stdout) == (1, "")
    assert "error: Tesla V100-SXM2-16GB: expected cuDNN 9.10 or older" in result.stderr
    assert result.stderr.endswith("or set CUDA_VISIBLE_DEVICES=-1 to use the CPU\n")


def test_hidden_gpus_need_not_fit(enter, tmp_path):
    result = enter(V100, "platform", CUDA_VISIBLE_DEVICES="-1", **with_cuda(tmp_path))
    assert result.returncode == 0
    assert "note" not in result.stderr

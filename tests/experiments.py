"""Small experiments and commands for tests that go through the command line."""

import copy
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.forks import SECONDS, forked, forked_python

ROOT = Path(__file__).resolve().parent.parent

SMALL: dict[str, Any] = {
    "parameters": {
        "arch_name": "small",
        "dataset": "digits",
        "batch_size": 16,
        "steps": 12,
        "iterations": 2,
    },
    "child_training": {
        "optimizer": {"type": "momentum", "momentum": 0.9},
        "lr": {"type": "exponential_decay", "initial": 0.02},
        "gradient_clipping": {"type": "norm", "value": 5.0},
        "regularization": {"type": "l2", "value": 3e-4},
    },
    "augmentation": {"flip": False},
    "envelopenet": {
        "stages": 2,
        "layers_per_stage": [1, 1],
        "max_layers_per_stage": [3, 3],
        "max_filter_prune": 2,
        "envelopecell": {"Branch1": "1x1", "Branch2": "3x3", "Branch3": "3x3sep"},
        "skip": True,
    },
    "init_cell": {"Layer0": {"Branch0": {"block": "conv2d", "kernel_size": [3, 3], "outputs": 6}}},
    "classification_cell": {
        "Layer0": {"Branch0": {"block": "reduce_mean"}},
        "Layer1": {"Branch0": {"block": "dropout", "keep_prob": 0.8}},
        "Layer2": {"Branch0": {"block": "fc-final", "inputs": 12, "outputs": 10}},
    },
    "final_training": {"steps": 8},
}
"""A construction 6/1-1/3 -> 6/3-3/3 whose jobs take seconds."""

NETWORK = [
    {"filters": {"Branch1": "1x1", "Branch2": "3x3"}, "inputs": [], "outputs": 6},
    {"filters": {"Branch1": "1x1", "Branch2": "5x5sep"}, "inputs": [0], "outputs": 6},
    {"widener": {}},
    {"filters": {"Branch1": "1x1", "Branch2": "3x3"}, "inputs": [1, 0], "outputs": 12},
]
"""A macro network with gates, for stand-alone trainings."""


def small(**changes: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of SMALL with keys of its sections replaced."""
    experiment = copy.deepcopy(SMALL)
    for section, values in changes.items():
        experiment.setdefault(section, {}).update(values)
    return experiment


def training(**changes: dict[str, Any]) -> dict[str, Any]:
    """Return an experiment that trains NETWORK, changed as by :func:`small`."""
    experiment = small(**changes)
    del experiment["envelopenet"], experiment["final_training"]
    return {**experiment, "arch": {"type": "macro", "network": copy.deepcopy(NETWORK)}}


def write(path: Path, experiment: dict[str, Any]) -> Path:
    """Write an experiment file and return its path."""
    path.write_text(yaml.safe_dump(experiment, sort_keys=False))
    return path


def command(module: str, *flags: str) -> list[str]:
    """Return the command line of a nac command."""
    return [sys.executable, "-m", f"nac.{module}", *map(str, flags)]


def environment() -> dict[str, str]:
    """Return an environment in which any directory finds nac."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def printed_by(script: str) -> Any:
    """Run Python code in a fork of a process with TensorFlow; return the JSON that it prints."""
    return printed_by_call(exec, script, {"__name__": "__main__"})


def printed_by_call(call: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in a fork of a process with TensorFlow; return the JSON that it prints."""
    result = forked(call, *arguments, cwd=ROOT, environment=environment())
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


def run(
    module: str, *flags: str, cwd: Path, blocked: tuple[str, ...] = ()
) -> subprocess.CompletedProcess:
    """Run a nac command in a fork of a process with TensorFlow, and return what it printed.

    The processes that it starts, such as jobs, are forks, too.

    Args:
        module: Name of the command.
        flags: Its flags.
        cwd: Working directory.
        blocked: Packages that the command cannot import.
    """
    called = (_run, forked_python(), module, list(map(str, flags)))
    return forked(*called, cwd=cwd, environment=environment(), blocked=blocked)


def _run(python: str, module: str, flags: list[str]) -> None:
    sys.executable = python
    importlib.import_module(f"nac.{module}").run(flags)


def run_as_user(module: str, *flags: str, cwd: Path) -> subprocess.CompletedProcess:
    """Run a nac command by its command line, and return what it printed."""
    return subprocess.run(
        command(module, *flags),
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

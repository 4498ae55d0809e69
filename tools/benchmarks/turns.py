"""Sides that take turns, and the ratios of their times."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

SIDE = Path(__file__).with_name("side.py")
ROOT = SIDE.parents[2]

ENVIRONMENT = dict(os.environ)
"""The environment that this command was given, before it set anything for TensorFlow itself."""


@dataclass(frozen=True)
class Ratio:
    """Times of one side divided by those of another, turn by turn.

    Attributes:
        median: Median over all turns.
        lowest: The smallest ratio of a turn.
        highest: The largest one.
        turns: Number of turns of each side.
        seconds: Median seconds of the side.
        base_seconds: Median seconds of the other one.
    """

    median: float
    lowest: float
    highest: float
    turns: int
    seconds: float
    base_seconds: float


def ratio(times: Sequence[float], base: Sequence[float]) -> Ratio:
    """Return the ratio of two sides that took turns.

    Example:
    >>> ratio([2.0, 3.0, 8.0], [1.0, 1.0, 2.0]).median
    3.0
    """
    ratios = [first / second for first, second in zip(times, base, strict=True)]
    return Ratio(median(ratios), min(ratios), max(ratios), len(ratios), median(times), median(base))


class Side:
    """A process of ``side.py``, which waits until it is its turn.

    Args:
        network: Name of the network.
        kind: What the side does.
        root: A checkout of nac to measure.
        **options: Settings of the side.

    Raises:
        RuntimeError: The side cannot be set up; the message is the end of what it printed.
    """

    def __init__(self, network: str, kind: str, root: Path = ROOT, **options: object):
        settings = [f"{name}={value}" for name, value in options.items()]
        self._process = subprocess.Popen(
            [sys.executable, str(SIDE), network, kind, *settings],
            cwd=root,
            env=environment(root),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        if self._process.stdout.readline() != "ready\n":
            raise RuntimeError(f"{network} {kind}: the process ended before its first turn")

    def seconds(self, count: int) -> float:
        """Let the side work; return the seconds that one time took."""
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def __enter__(self) -> "Side":
        return self

    def __exit__(self, *_) -> None:
        self._process.kill()
        self._process.wait()


def environment(root: Path) -> dict[str, str]:
    """Return the environment that a version of nac has in its own commands.

    Args:
        root: A checkout of that version.
    """
    code = "from nac.cli import command; print(vars(command).get('TENSORFLOW_SETTINGS', {}))"
    printed = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={**ENVIRONMENT, "PYTHONPATH": str(root)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    settings = {"TF_CPP_MIN_LOG_LEVEL": "2", **ast.literal_eval(printed)}
    return {**settings, **ENVIRONMENT, "PYTHONPATH": str(root)}


def printed_json(*arguments: str) -> Any:
    """Return the JSON that a Python process of its own prints in its last line.

    Args:
        *arguments: What follows ``python`` on the command line.
    """
    printed = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment(ROOT),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return json.loads(printed.splitlines()[-1])


def in_turns(
    sides: Mapping[str, Side], rounds: int, counts: Mapping[str, int]
) -> dict[str, list[float]]:
    """Let all sides work once per round; return the seconds of each side's turns.

    The order is reversed in every other round, so that a machine that becomes slower or faster
    favors none.

    Args:
        sides: The sides by their names.
        rounds: Number of rounds.
        counts: How often each side repeats its work in a turn.
    """
    times: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds):
        for name in list(sides) if number % 2 == 0 else reversed(sides):
            times[name].append(sides[name].seconds(counts[name]))
    return times

"""The benchmark: ratios of turns, exponents, the table, and the whole command once."""

import json
import subprocess
import sys

import pytest

from tests.experiments import printed_by
from tools.benchmarks import jobs
from tools.benchmarks.figures import Figure, Settings, exponent, figure, spread
from tools.benchmarks.table import as_json, markdown, text
from tools.benchmarks.turns import ROOT, Ratio, in_turns, ratio

FIGURE = Figure("a / b", "digits", 0.5, 0.25, 1.0, "1.00 ms / 2.00 ms")


class FakeSide:
    """A side that notes its name when it is its turn."""

    def __init__(self, name, seconds, journal):
        self.name, self._seconds, self._journal = name, iter(seconds), journal

    def seconds(self, count):
        self._journal.append((self.name, count))
        return next(self._seconds)


def test_a_ratio_is_taken_turn_by_turn():
    measured = ratio([2.0, 9.0, 8.0], [1.0, 3.0, 2.0])
    assert measured == Ratio(3.0, 2.0, 4.0, turns=3, seconds=8.0, base_seconds=2.0)


def test_sides_take_turns_and_every_other_round_is_reversed():
    journal = []
    sides = {"a": FakeSide("a", [1.0, 2.0], journal), "b": FakeSide("b", [3.0, 4.0], journal)}
    times = in_turns(sides, rounds=2, counts={"a": 5, "b": 7})
    assert journal == [("a", 5), ("b", 7), ("b", 7), ("a", 5)]
    assert times == {"a": [1.0, 2.0], "b": [3.0, 4.0]}


def test_the_row_of_a_ratio_has_the_times_of_both_sides():
    row = figure("a / b", "digits", Ratio(0.5, 0.25, 1.0, 3, seconds=0.001, base_seconds=0.002))
    assert row == FIGURE


def test_an_exponent_is_the_slope_between_logarithms():
    assert exponent([1, 2, 4], [3, 12, 48]) == pytest.approx(2.0)
    assert exponent([2, 4, 8], [5, 5, 5]) == pytest.approx(0.0)


def test_a_spread_is_median_and_range():
    assert spread("x", "digits", [3.0, 1.0, 2.0], "") == Figure("x", "digits", 2.0, 1.0, 3.0, "")


def test_the_table_has_a_row_per_figure():
    assert text([FIGURE]).splitlines()[-1].split() == (
        ["a", "/", "b", "digits", "0.500", "0.250", "to", "1.000", "1.00", "ms", "/", "2.00", "ms"]
    )


def test_markdown_has_a_head_and_a_row_per_figure():
    lines = markdown([FIGURE]).splitlines()
    assert len(lines) == 3
    assert lines[2] == "| a / b | digits | 0.500 | 0.250 to 1.000 | 1.00 ms / 2.00 ms |"


def test_json_has_figures_failures_and_the_machine():
    value = json.loads(json.dumps(as_json([FIGURE], {"jit": "no"})))
    assert value["figures"][0]["value"] == 0.5
    assert value["failures"] == {"jit": "no"}
    assert {"processor", "cores", "tensorflow", "nac", "commit", "date"} <= set(value["machine"])


def run(*arguments):
    command = [sys.executable, "-m", "tools.benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("--only=instrumentd", "--only: expected some of instrumented, "),
        ("--networks=digit", "--networks: expected some of digits, "),
        ("--against=/nowhere", "--against: expected a checkout of nac, received '/nowhere'"),
    ],
)
def test_a_wrong_argument_is_one_line(argument, message):
    ended = run(argument)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"error: {message}")
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.slow
def test_the_command_measures_a_ratio(tmp_path):
    arguments = ["--only=instrumented", "--networks=digits", "--rounds=2", "--steps=2"]
    ended = run(*arguments, f"--json={tmp_path / 'figures.json'}")
    assert ended.returncode == 0, ended.stderr
    assert "instrumented / bare" in ended.stdout
    (measured,) = json.loads((tmp_path / "figures.json").read_text())["figures"]
    assert 0.0 < measured["lowest"] <= measured["value"] <= measured["highest"]


# Copies do not depend on the number of layers or of steps in the trace.
FEW_STEPS_OF_A_SMALL_NETWORK = """
import sys
sys.path.insert(0, "tools/benchmarks")
import copies, side

make_job = side.make_job
side.make_job = lambda network, options: make_job(network, {**options, "layers": 1})
copies.CALLS, copies.STEPS = 2, 3
copies.main("digits")
"""


@pytest.mark.slow
def test_the_host_copies_little_to_the_device_in_a_step():
    # Images, labels, the clock, the condition of the loop, and what orders them.
    assert 0 < printed_by(FEW_STEPS_OF_A_SMALL_NETWORK)["step"] <= 15


def test_the_figure_of_copies_is_their_number_per_step(monkeypatch):
    monkeypatch.setattr(jobs, "printed_json", lambda *_: {"step": 12, "call": 9})
    (counted,) = jobs.copies(Settings(("digits",), rounds=2, steps=2, against=None))
    assert (counted.network, counted.value) == ("digits", 12)
    assert "9 more in each call" in counted.times

"""When trials kill what, and what counts as a difference."""

import json
import signal
import zipfile

import numpy as np
import pytest

from nac.runs.layout import STATISTICS
from tests.plots.curves import write_scalars
from tools.surviving.comparing import differences
from tools.surviving.moments import AIMS, ANYWHERE, BOTH, DRIVER, JOB, Kill, kills_of


class TestKills:
    def test_a_trial_can_be_repeated(self):
        assert kills_of(0, 5) == kills_of(0, 5)

    def test_another_seed_kills_at_other_moments(self):
        assert kills_of(0, 5) != kills_of(1, 5)

    def test_each_aim_has_its_turn(self):
        last = [kills_of(0, trial)[-1].aim for trial in range(len(AIMS))]
        assert last == list(AIMS)

    def test_a_trial_has_one_to_three_kills(self):
        assert {len(kills_of(0, trial)) for trial in range(30)} == {1, 2, 3}

    def test_all_targets_and_signals_occur(self):
        kills = [kill for trial in range(30) for kill in kills_of(0, trial)]
        assert {kill.target for kill in kills} == {DRIVER, JOB, BOTH}
        assert {kill.number for kill in kills} == {signal.SIGKILL, signal.SIGTERM, signal.SIGINT}

    def test_a_kill_has_a_short_text(self):
        assert str(Kill(ANYWHERE, 1.0, DRIVER, signal.SIGTERM)) == "TERM driver (anywhere)"


def write_model(path, weights):
    """Write what is compared of a model; the date is that of the file."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", str(path))
        archive.writestr("model.weights.h5", weights)


def make_run(directory):
    """Write a run directory as far as it is compared: one job, the final one."""
    job = directory / "final"
    job.mkdir(parents=True)
    (directory / "architecture.json").write_text("{}")
    (directory / "report.html").write_text(f"<html>{directory}</html>\n")
    for name in ("model.keras", "classifier.keras"):
        write_model(directory / name, b"weights")
    (job / "job.json").write_text("{}")
    (job / STATISTICS).write_text(json.dumps({"accuracy": 0.5, "seconds": len(str(directory))}))
    np.savez(job / "predictions.npz", labels=np.array([1, 2]))
    write_scalars(job / "train", {"loss": [(5, 1.0), (10, 0.5)]})
    return directory


@pytest.fixture
def runs(tmp_path):
    """Return two runs that differ in nothing but paths and seconds."""
    return make_run(tmp_path / "undisturbed"), make_run(tmp_path / "run")


class TestDifferences:
    def test_seconds_do_not_count(self, runs):
        assert differences(*runs) == []

    def test_a_figure_that_differs_is_named(self, runs):
        (runs[1] / "final" / STATISTICS).write_text(json.dumps({"accuracy": 0.25}))
        assert differences(*runs) == ["final/statistics.json: differs (accuracy)"]

    def test_weights_count(self, runs):
        write_model(runs[1] / "model.keras", b"others")
        assert differences(*runs) == ["model.keras: differs"]

    def test_predictions_count(self, runs):
        np.savez(runs[1] / "final" / "predictions.npz", labels=np.array([1, 3]))
        assert differences(*runs) == ["final/predictions.npz: differs"]

    def test_the_architecture_counts(self, runs):
        (runs[1] / "architecture.json").write_text("{ }")
        assert differences(*runs) == ["architecture.json: differs"]

    def test_half_a_report_counts(self, runs):
        (runs[1] / "report.html").write_text("<html>")
        assert differences(*runs) == ["report.html: differs"]

    def test_a_missing_file_counts(self, runs):
        (runs[1] / "classifier.keras").unlink()
        assert differences(*runs) == ["classifier.keras: missing"]

    def test_what_is_left_behind_counts(self, runs):
        (runs[1] / "final" / "checkpoints").mkdir()
        assert differences(*runs) == ["final/checkpoints: left behind"]

    def test_a_point_that_is_there_twice_counts(self, runs):
        write_scalars(runs[1] / "final" / "train", {"loss": [(10, 0.5)]})
        assert differences(*runs) == ["final/train: points twice"]

    def test_a_point_that_is_missing_counts(self, runs):
        write_scalars(runs[0] / "final" / "train", {"loss": [(15, 0.5)]})
        assert differences(*runs) == ["final/train: 2 points at other steps, not 3"]

    def test_another_value_of_a_point_counts(self, runs):
        for run, value in zip(runs, (0.25, 0.125), strict=True):
            write_scalars(run / "final" / "train", {"loss": [(15, value)]})
        assert differences(*runs) == ["final/train: other values of loss"]

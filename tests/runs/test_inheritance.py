"""Iterations of a construction that start from the weights of the one before."""

from collections import deque
from dataclasses import replace
from pathlib import Path

import pytest

from nac.config import parse_experiment
from nac.config.inheritance import Inheritance
from nac.construction.restructure import layers_after
from nac.runs import construction
from nac.runs.construction import construct
from nac.runs.inheritance import moved, weights_path
from nac.runs.layout import is_done
from nac.runs.result import read_result, write_result
from nac.utils.errors import NacError
from tests.builders import architecture, layer
from tests.experiments import small, training
from tests.runs.test_construction import trained_result


def experiment(**envelopenet):
    return parse_experiment(small(envelopenet=envelopenet), "experiment.yaml")


@pytest.fixture
def jobs(monkeypatch):
    """The jobs that were trained, by the name of their directory."""

    class Runner:
        def __init__(self, upcoming, decoded, display, executor):
            trained.upcoming = upcoming

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def run(self, job, directory, arguments):
            if not is_done(directory):
                trained[directory.name] = job
                if job.inherit:
                    assert (directory / job.inherit.weights).parent.resolve().exists()
                directory.mkdir(parents=True, exist_ok=True)
                if "--save_weights" in arguments:
                    (directory / "weights.npz").write_text("weights")
                write_result(directory, _result(job))
            return read_result(directory)

    class Trained(dict):
        upcoming: deque

    trained = Trained()
    monkeypatch.setattr(construction, "JobRunner", Runner)
    return trained


def _result(job):
    """Return a result with all that a tournament needs."""
    result = trained_result(job)
    featuremaps = {key: entry | {"random": 0.5} for key, entry in result.featuremaps.items()}
    return replace(result, featuremaps=featuremaps, late_training_loss=1.0, files=())


def test_each_iteration_but_the_first_starts_from_the_weights_of_the_one_before(jobs, tmp_path):
    construct(experiment(inherit=True), tmp_path, True, [])
    assert jobs["000"].inherit is None
    before = jobs["000"].architecture
    layers = (1, None, 2, 3, None)
    assert jobs["001"].inherit == Inheritance(
        weights="../000/weights.npz", arch=before, layers=layers
    )
    assert layers == layers_after(before, (0, 1))


def test_the_full_training_starts_from_scratch(jobs, tmp_path):
    construct(experiment(inherit=True), tmp_path, True, [])
    assert jobs["final"].inherit is None
    assert not (tmp_path / "final" / "weights.npz").exists()


def test_children_of_a_tournament_start_from_scratch(jobs, tmp_path):
    tournament = experiment(inherit=True, policy="tournament", proposals=["mean_square"])
    construct(tournament, tmp_path, True, [])
    heirs = {name: job.inherit is not None for name, job in jobs.items()}
    assert len(heirs) > 5
    assert [name for name, inherits in heirs.items() if inherits] == ["001"]


def test_without_inherit_no_job_knows_of_it(jobs, tmp_path):
    construct(experiment(), tmp_path, True, [])
    assert [job.inherit for job in jobs.values()] == [None, None, None]
    assert not list(tmp_path.glob("*/weights.npz"))


def test_jobs_that_save_weights_are_announced_as_such(jobs, tmp_path):
    construct(experiment(inherit=True), tmp_path, True, ["--strategy=one"])
    short = ["--strategy=one", "--nosave_model", "--save_weights"]
    assert list(jobs.upcoming) == [short, short, ["--strategy=one"]]


def test_weights_are_removed_when_the_next_iteration_is_done(jobs, tmp_path):
    construct(experiment(inherit=True), tmp_path, True, [])
    assert [path.parent.name for path in tmp_path.glob("*/weights.npz")] == ["001"]


def test_those_of_a_run_that_was_killed_before_are_removed_later(jobs, tmp_path):
    construct(experiment(inherit=True), tmp_path, True, [])
    (tmp_path / "000" / "weights.npz").write_text("weights")
    construct(experiment(inherit=True), tmp_path, True, [])
    assert not (tmp_path / "000" / "weights.npz").exists()


def test_a_run_that_keeps_checkpoints_keeps_weights(jobs, tmp_path):
    construct(experiment(inherit=True), tmp_path, True, ["--keep_checkpoints=True"])
    names = sorted(path.parent.name for path in tmp_path.glob("*/weights.npz"))
    assert names == ["000", "001"]


@pytest.fixture
def halfway(jobs, tmp_path):
    """A run whose second iteration is still to come, and whose weights are gone."""
    construct(experiment(inherit=True), tmp_path, False, [])
    (tmp_path / "001" / "statistics.json").unlink()
    jobs.clear()
    return tmp_path


def test_missing_weights_are_named_before_the_next_iteration_starts(halfway, jobs):
    with pytest.raises(NacError) as caught:
        construct(experiment(inherit=True), halfway, False, [])
    assert str(caught.value) == (
        f"{halfway}/000/weights.npz: expected the weights from which the next iteration starts"
        f" (envelopenet.inherit), received no such file; delete {halfway}/000 to train that"
        " iteration again"
    )
    assert not jobs


def test_an_iteration_with_a_checkpoint_does_not_need_them(halfway, jobs):
    (halfway / "001" / "checkpoints").mkdir()
    (halfway / "001" / "checkpoints" / "ckpt-5.index").write_text("")
    construct(experiment(inherit=True), halfway, False, [])
    assert list(jobs) == ["001"]


# a job and its file


def job(place):
    """Return a job in a directory, as it is read from its file."""
    section = Inheritance(
        weights="../000/weights.npz", arch=architecture(layer("3x3")), layers=(1,)
    )
    value = parse_experiment(training(), str(place / "job.json"))
    return replace(value, inherit=section)


def test_weights_are_found_from_the_file_of_the_job():
    assert weights_path(job(Path("runs/a/001"))) == Path("runs/a/000/weights.npz")


def test_a_job_that_is_written_elsewhere_means_the_same_weights():
    elsewhere = moved(job(Path("runs/a/001")), Path("other"))
    assert elsewhere.inherit.weights == "../runs/a/000/weights.npz"


def test_a_job_without_inheritance_is_written_as_it_is():
    value = parse_experiment(training(), "job.json")
    assert moved(value, Path("other")) is value

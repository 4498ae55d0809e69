"""The trainings of a judgement: their places, and that each is done once."""

import json
import sys
from dataclasses import replace

import pytest

from nac.config import experiment_to_dict, parse_experiment
from nac.display.display import Display, PlainDisplay
from nac.judging.trainings import Trainings, complete_trainings, train, trainings_without
from nac.runs import jobs as runs_jobs
from nac.utils.errors import NacError
from nac.utils.files import write_json
from tests.builders import assert_says, input_error
from tests.experiments import ROOT, training
from tests.results import job_result

HELD_OUT = {"score_test": False, "validation_share": 0.25}
JOB = parse_experiment(training(parameters=HELD_OUT), "job.json")
OTHER = replace(JOB.architecture, network=JOB.architecture.network[:1])


def jobs(*seeds):
    """Return jobs that differ in their seed alone."""
    recipes = {
        seed: replace(JOB.recipe, parameters=replace(JOB.parameters, seed=seed)) for seed in seeds
    }
    return {seed: replace(JOB, recipe=recipe) for seed, recipe in recipes.items()}


def trainings(directory, *seeds):
    """Return the trainings of the complete network, and of another one without a branch."""
    of, networks = jobs(*seeds), {(1, "Branch2"): OTHER}
    return Trainings(complete_trainings(of, directory), trainings_without(networks, of, directory))


def test_complete_networks_come_first(tmp_path):
    names = [one.name for one in trainings(tmp_path, 0, 3).in_order]
    assert names == [
        "complete network, seed 0",
        "complete network, seed 3",
        "without layer01.Branch2, seed 0",
        "without layer01.Branch2, seed 3",
    ]


def test_each_has_a_place_beside_its_judgement(tmp_path):
    places = [one.directory for one in trainings(tmp_path, 3).in_order]
    assert places == [tmp_path / "seed3", tmp_path / "retrained" / "layer01.Branch2" / "seed3"]


def test_without_a_branch_only_the_network_is_another(tmp_path):
    without = trainings(tmp_path, 3).without[1, "Branch2"][3]
    assert without.job == replace(jobs(3)[3], architecture=OTHER)


def test_only_complete_networks_are_kept(tmp_path):
    assert [one.keeps_model for one in trainings(tmp_path, 3).in_order] == [True, False]


def test_an_increase_is_that_of_the_same_seed(tmp_path):
    every = trainings(tmp_path, 0, 3)
    losses = zip(every.in_order, (1.0, 2.0, 1.5, 1.75), strict=True)
    results = {one.directory: job_result(loss=loss) for one, loss in losses}
    assert every.increases(results) == {(1, "Branch2"): {0: 0.5, 3: -0.25}}


@pytest.mark.parametrize(
    ("place", "removed"),
    [("seed3", "the judgement"), ("retrained/layer01.Branch2/seed3", "the judgement/retrained")],
)
def test_one_begun_with_other_flags_is_refused_with_what_to_do(tmp_path, place, removed):
    directory = tmp_path / "the judgement"
    before = {one.directory: one.job for one in trainings(directory, 3).in_order}
    begun = directory / place
    changed = replace(before[begun], recipe=jobs(4)[4].recipe)
    write_json(begun / "job.json", experiment_to_dict(changed))
    (begun / "statistics.json").write_text("{}")
    text = input_error(trainings, directory, 3)
    assert_says(text, "parameters.seed: 4 -> 3", f"Remove {tmp_path / removed} to judge anew")
    assert text.endswith("use the flags that this judgement was begun with")


class TestTraining:
    @pytest.fixture(autouse=True)
    def fake(self, tmp_path, monkeypatch):
        """Let jobs train nothing; the place has room for their notes."""
        command = [sys.executable, "-S", str(ROOT / "tests" / "fake_job.py")]
        monkeypatch.setattr(runs_jobs, "job_command", lambda *_: command)
        monkeypatch.chdir(tmp_path)
        self.plan({})

    def plan(self, what):
        with open("plan.json", "w", encoding="utf-8") as file:
            json.dump(what, file)

    def started(self, place):
        lines = (place / "started.txt").read_text().splitlines()
        return [line.split()[0] for line in lines]

    def test_each_is_done_and_named(self, tmp_path, capsys):
        every = trainings(tmp_path / "000", 0).in_order
        results = train(every, tmp_path / "000", [], PlainDisplay())
        assert [results[one.directory].split for one in every] == ["validation"] * 2
        assert capsys.readouterr().out == (
            "[1/2] complete network, seed 0\n[2/2] without layer01.Branch2, seed 0\n"
        )

    def test_what_is_done_is_not_trained_again(self, tmp_path, capsys):
        train(trainings(tmp_path / "000", 0).in_order, tmp_path / "000", [], PlainDisplay())
        train(trainings(tmp_path / "000", 0, 1).in_order, tmp_path / "000", [], PlainDisplay())
        assert self.started(tmp_path) == [
            *("000/seed0", "layer01.Branch2/seed0"),
            *("000/seed1", "layer01.Branch2/seed1"),
        ]
        printed = capsys.readouterr().out.splitlines()
        assert printed[2:] == [
            "[2/4] complete network, seed 1",
            "[4/4] without layer01.Branch2, seed 1",
        ]

    def test_each_gets_the_variables_of_its_runner(self, tmp_path):
        every = trainings(tmp_path / "000", 0).in_order
        slots = [{"TF_NUM_INTRAOP_THREADS": "1"}, {"TF_NUM_INTRAOP_THREADS": "2"}]
        train(every, tmp_path / "000", [], Display(), slots=slots)
        lines = (tmp_path / "started.txt").read_text().splitlines()
        assert {line.split()[2] for line in lines} <= {"1", "2"}
        assert len(lines) == 2

    def test_one_that_fails_does_not_stop_the_others(self, tmp_path):
        self.plan({"000/seed0": "fail"})
        every = trainings(tmp_path / "000", 0).in_order
        with pytest.raises(NacError, match="seed0 failed with exit code 3"):
            train(every, tmp_path / "000", [], Display())
        assert self.started(tmp_path) == ["000/seed0", "layer01.Branch2/seed0"]

    def test_quietly_nothing_is_printed(self, tmp_path, capsys):
        train(trainings(tmp_path / "000", 0).in_order, tmp_path / "000", [], Display())
        assert capsys.readouterr().out == ""

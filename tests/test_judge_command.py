"""python -m nac.judge, from an iteration's job to the table of rankings."""

import json

import pytest

from nac.config import experiment_to_dict, parse_experiment
from nac.config.rankings import RANKINGS
from nac.utils.files import write_json
from tests.builders import assert_says
from tests.experiments import run, run_as_user, training
from tests.finished_runs import write_run

ITERATION = {"steps": 6, "validation_share": 0.2, "score_test": False}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with a run that has the job of one iteration."""
    folder = tmp_path_factory.mktemp("judged")
    job = parse_experiment(training(parameters=ITERATION), "job.json")
    (folder / "it" / "000").mkdir(parents=True)
    write_json(folder / "it" / "000" / "job.json", experiment_to_dict(job))
    return folder


@pytest.mark.slow
def test_the_whole_way(folder):
    result = run("judge", "--run=it", "--seeds=1", "--branch_gates", "--json", cwd=folder)
    assert (result.returncode, result.stderr) == (0, "")
    judgement = json.loads(result.stdout)
    place = folder / "it" / "judge" / "000"
    assert json.loads((place / "judgement.json").read_text()) == judgement
    assert set(judgement["agreement"]) == set(RANKINGS) - {"equal"}
    seed = judgement["seeds"]["1"]
    assert [(b["layer"], b["branch"], b["stage"]) for b in seed["branches"]] == [
        (1, "Branch1", 1),
        (1, "Branch2", 1),
        (2, "Branch1", 1),
        (2, "Branch2", 1),
        (4, "Branch1", 2),
        (4, "Branch2", 2),
    ]
    # What the job scored after training is what the saved network scores.
    statistics = json.loads((place / "seed1" / "statistics.json").read_text())
    assert seed["loss"] == pytest.approx(statistics["validation_loss"], rel=1e-4)
    assert seed["images"] == 285


@pytest.fixture(scope="module")
def retrained(tmp_path_factory):
    """Return a folder with a run whose first stage is pruned after its iteration."""
    folder = tmp_path_factory.mktemp("retrained")
    settings = {"max_layers_per_stage": [3, 1], "layers_per_stage": [2, 1]}
    write_run(folder / "it", parameters=ITERATION, envelopenet=settings)
    job = parse_experiment(training(parameters=ITERATION), "job.json")
    write_json(folder / "it" / "000" / "job.json", experiment_to_dict(job))
    return folder


@pytest.mark.slow
def test_the_whole_way_without_branches(retrained):
    flags = ("--run=it", "--seeds=1", "--retrain", "--branches=2")
    result = run("judge", *flags, "--json", cwd=retrained)
    assert (result.returncode, result.stderr) == (0, "")
    judgement = json.loads(result.stdout)
    place = retrained / "it" / "judge" / "000"
    assert json.loads((place / "retrained" / "judgement.json").read_text()) == judgement
    assert (judgement["retrained_of"], judgement["recalibrate"]) == (6, True)
    priced = {f"{name} for its cost" for name in ("mean_square", "taylor", "equal", "silenced")}
    expected = {*RANKINGS, "silenced", *priced} - {"branch_gate", "equal"}
    assert set(judgement["agreement"]) == expected
    branches = judgement["seeds"]["1"]["branches"]
    assert [branch["stage"] for branch in branches] == [1, 1]
    complete = json.loads((place / "seed1" / "statistics.json").read_text())
    assert (place / "seed1" / "model.keras").exists()
    for branch in branches:
        name = f"layer{branch['layer']:02d}.{branch['branch']}"
        directory = place / "retrained" / name / "seed1"
        network = json.loads((directory / "job.json").read_text())["arch"]["network"]
        assert branch["branch"] not in network[branch["layer"] - 1]["filters"]
        without = json.loads((directory / "statistics.json").read_text())
        increase = without["loss"] - complete["loss"]
        assert branch["retrained_increase"] == pytest.approx(increase)
        assert not (directory / "model.keras").exists()
    # Once more: nothing is trained, and the table is printed.
    again = run("judge", *flags, cwd=retrained)
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.startswith("\n6/2-1/2 on digits, iteration 0, seed 1\n")
    assert_says(again.stdout, "2 of 6 branches, 3 trainings", "\nin it/judge/000/retrained/judge")
    summary = run("judge", "--summarize=it", cwd=retrained)
    assert_says(summary.stdout, "of a network trained without a branch", "\nsilenced ")


def error(folder, *flags, by=run):
    result = by("judge", *flags, cwd=folder)
    assert (result.returncode, result.stdout) == (1, "")
    return result.stderr


def test_the_run_is_required(folder):
    assert_says(error(folder, by=run_as_user), "error: --run is required")


def test_a_number_of_branches_is_for_retraining_alone(folder):
    text = error(folder, "--run=it", "--branches=2")
    assert text == ("error: --branches: expected --retrain as well, received --branches=2 alone\n")


def test_retraining_needs_the_settings_of_the_run(folder):
    text = error(folder, "--run=it", "--retrain")
    assert_says(text, "error: it/experiment.yaml: no such file; expected the run directory")
    assert not (folder / "it" / "judge" / "000" / "retrained").exists()


def test_retraining_needs_validation_images(retrained):
    text = error(retrained, "--run=it", "--retrain", "--validation_share=0")
    assert_says(text, "it/000/job.json: parameters.validation_share: expected more than 0")


def test_seeds_that_are_none_are_one_line(folder):
    text = error(folder, "--run=it", "--seeds=0,one")
    assert text == "error: --seeds: expected integers >= 0 such as 0,1,2, received 0,one\n"


def test_a_missing_run_is_one_line(folder):
    text = error(folder, "--run=absent")
    assert_says(text, "absent/000/job.json: no such file")
    assert not (folder / "absent").exists()


def test_a_missing_data_set_is_told_before_a_job(tmp_path):
    missing = {**ITERATION, "dataset": "folder:gone", "image_size": 8}
    job = parse_experiment(training(parameters=missing), "job.json")
    (tmp_path / "it" / "000").mkdir(parents=True)
    write_json(tmp_path / "it" / "000" / "job.json", experiment_to_dict(job))
    result = run("judge", "--run=it", "--seeds=1", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith("error: gone: expected a folder")
    assert not (tmp_path / "it" / "judge").exists()

"""python -m nac.judge, from an iteration's job to the table of rankings."""

import json

import pytest

from nac.config import experiment_to_dict, parse_experiment
from nac.config.rankings import RANKINGS
from nac.utils.files import write_json
from tests.builders import assert_says
from tests.experiments import run, run_as_user, training

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
    assert set(judgement["agreement"]) == set(RANKINGS)
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


def error(folder, *flags, by=run):
    result = by("judge", *flags, cwd=folder)
    assert (result.returncode, result.stdout) == (1, "")
    return result.stderr


def test_the_run_is_required(folder):
    assert_says(error(folder, by=run_as_user), "error: --run is required")


def test_seeds_that_are_none_are_one_line(folder):
    text = error(folder, "--run=it", "--seeds=0,one")
    assert text == "error: --seeds: expected integers >= 0 such as 0,1,2, received 0,one\n"


def test_a_missing_run_is_one_line(folder):
    text = error(folder, "--run=absent")
    assert_says(text, "absent/000/job.json: no such file")
    assert not (folder / "absent").exists()

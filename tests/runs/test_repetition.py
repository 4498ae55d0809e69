"""Trainings that were limited in seconds, once more."""

import pytest

from nac.config import experiment_to_dict, parse_experiment
from nac.runs.repetition import with_steps_taken
from nac.runs.result import write_result
from nac.utils.files import write_json
from tests.experiments import training
from tests.results import job_result


@pytest.fixture
def job(tmp_path):
    """Return directory and recipe of a job of 60 seconds that took 200 steps where 100 fit."""
    content = training(parameters={"seconds": 60.0, "steps": 100})
    content["augmentation"] = {"min_epochs": 30}
    experiment = parse_experiment(content, "job.json")
    write_json(tmp_path / "job.json", experiment_to_dict(experiment))
    write_result(tmp_path, job_result(steps=200))
    return tmp_path, experiment.recipe


def test_it_has_as_many_steps_as_the_job_took(job):
    directory, recipe = job
    parameters = with_steps_taken(recipe, directory, "").parameters
    assert (parameters.seconds, parameters.steps) == (None, 200)


@pytest.mark.parametrize(("examples", "changed"), [(53, True), (54, False)])
def test_it_changes_images_at_random_if_the_job_did(job, examples, changed):
    # 100 expected steps of 16 images are 30.2 epochs of 53 images, but 29.6 of 54.
    directory, recipe = job
    assert recipe.for_examples(examples).augmentation.crop is changed
    repeated = with_steps_taken(recipe, directory, "").for_examples(examples)
    assert repeated.augmentation.crop is changed


def test_a_job_with_a_number_of_steps_is_repeated_as_it_is(tmp_path):
    recipe = parse_experiment(training(), "job.json").recipe
    assert with_steps_taken(recipe, tmp_path, "") is recipe

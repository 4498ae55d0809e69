"""The experiment file for a folder of images."""

import math
from dataclasses import replace

import pytest
import yaml

from nac.authoring.choices import Choices
from nac.authoring.experiment_file import (
    as_experiment,
    chosen_for,
    experiment_text,
    explained,
    first_network_cost,
)
from nac.authoring.image_set import ImageSet
from tests.builders import assert_says, input_error

IMAGES = ImageSet(
    "folder:/data/pets", "/data/pets", ("cat", "dog", "emu"), 1600, 400, 0, 96, 96, alike=True
)
CHOICES = Choices(15.0, 96, 4, 3, 100_000, 64, 0.2, flip=True)


def experiment(images=IMAGES, choices=CHOICES):
    return as_experiment(experiment_text(images, choices, "pets"), "pets.yaml")


def test_it_says_what_was_chosen():
    parameters = experiment().parameters
    assert (parameters.dataset, parameters.image_size) == ("folder:/data/pets", 96)
    assert (parameters.batch_size, parameters.validation_share) == (64, 0.2)
    assert (experiment().budget.minutes, experiment().budget.parameters) == (15, 100_000)


def test_the_classifier_has_an_output_per_class():
    assert experiment().classifier[-1].blocks[0].option("outputs") == 3


@pytest.mark.parametrize(
    ("reduction", "kinds"),
    [
        (1, ["conv2d"]),
        (2, ["conv2d", "max_pool"]),
        (4, ["conv2d", "max_pool"]),
        (8, ["conv2d", "conv2d", "max_pool"]),
    ],
)
def test_the_stem_reduces_as_chosen(reduction, kinds):
    stem = experiment(choices=replace(CHOICES, reduction=reduction)).stem
    assert [layer.blocks[0].kind for layer in stem] == kinds
    strides = [layer.blocks[0].option("stride", 1) for layer in stem]
    assert math.prod(strides) * 2 ** kinds.count("max_pool") == reduction


@pytest.mark.parametrize(("stages", "growing"), [(1, (True,)), (3, (False, True, True))])
def test_the_first_of_several_stages_does_not_grow(stages, growing):
    settings = experiment(choices=replace(CHOICES, stages=stages)).envelopenet
    assert settings.construction == growing


def test_images_that_are_seen_often_are_not_to_be_learned_by_heart():
    often = experiment(choices=replace(CHOICES, epochs=280.0))
    assert (often.recipe.training.weight_decay, often.recipe.augmentation.erasing) == (0.02, 0.5)


def test_of_many_images_the_recipe_stays_as_it_is():
    seldom = experiment(choices=replace(CHOICES, epochs=30.0))
    assert (seldom.recipe.training.weight_decay, seldom.recipe.augmentation.erasing) == (0.005, 0)


def test_the_user_is_told_why_training_is_other_than_usual():
    lines = explained(IMAGES, replace(CHOICES, epochs=280.0), 1e10)
    assert "sees each image about 280 times: more weight decay, random erasing" in lines[-1]


@pytest.mark.parametrize("name", ["a: b", "#1", "yes", "'quoted'", "1e3"])
def test_names_of_every_kind_survive(name):
    images = replace(IMAGES, dataset=f"folder:/data/{name}", classes=(name, "dog"))
    text = experiment_text(images, CHOICES, name)
    parsed = as_experiment(text, "x.yaml").parameters
    assert (parsed.dataset, parsed.arch_name) == (f"folder:/data/{name}", name)


def test_a_folder_may_have_a_line_break_in_its_path():
    images = replace(IMAGES, dataset="folder:/data/line\nbreak", classes=("line\nbreak", "dog"))
    parsed = as_experiment(experiment_text(images, CHOICES, "pets"), "x.yaml").parameters
    assert parsed.dataset == "folder:/data/line\nbreak"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\x7f", "a\\x7f"),
        ("\x1b[31m", "\\x1b[31m"),
        ("b\udcff", "b\\udcff"),
        ("line\u2028break", "line\\u2028break"),
    ],
)
def test_characters_that_yaml_does_not_allow_are_escaped(name, shown):
    images = replace(IMAGES, classes=(name, "dog"))
    assert f"classes ({shown}, dog)." in experiment_text(images, CHOICES, "pets")
    assert experiment(images).classifier[-1].blocks[0].option("outputs") == 2
    assert f"2 classes ({shown}, dog)" in explained(images, CHOICES, 1e10)[0]


@pytest.mark.parametrize("minutes", [0.125, 15.0, 1_000_000.0, 1_234_567.5])
def test_minutes_of_any_length_are_kept(minutes):
    choices = replace(CHOICES, minutes=minutes)
    assert experiment(choices=choices).budget.minutes == minutes
    assert "e+" not in experiment_text(IMAGES, choices, "pets")
    assert "e+" not in "".join(explained(IMAGES, choices, 1e10))


@pytest.mark.parametrize("parameters", [999_999_999, 1_000_000_000, 10**12])
def test_numbers_of_parameters_of_any_length_are_kept(parameters):
    choices = replace(CHOICES, parameters=parameters)
    assert experiment(choices=choices).budget.parameters == parameters


def test_a_long_side_is_one_line():
    text = input_error(experiment, IMAGES, replace(CHOICES, side=10**10))
    assert_says(text, "pets.yaml: parameters.image_size", "received 10000000000")


def test_a_path_that_is_not_utf8_is_an_error():
    images = replace(IMAGES, dataset="folder:/data/b\udcff")
    assert input_error(experiment_text, images, CHOICES, "pets") == (
        "folder:/data/b\\udcff: expected a name in UTF-8, received other bytes"
    )


@pytest.mark.parametrize("epochs", [30.0, 280.0])
def test_every_section_has_a_comment(epochs):
    text = experiment_text(IMAGES, replace(CHOICES, epochs=epochs), "pets")
    sections = [line for line in text.splitlines() if line and line[0].isalpha()]
    assert set(yaml.safe_load(text)) == {line.partition(":")[0] for line in sections}
    assert text.count("#") > 15


def test_the_first_network_costs_what_time_allows():
    for seconds in (1e9, 1e10, 1e11):
        choices = chosen_for(IMAGES, 15, seconds)
        allowed = seconds * 60 * 15 * 0.7 / (3 * 200 * 1600)
        assert choices.parameters == 20_000 or first_network_cost(IMAGES, choices) <= allowed


def test_what_was_chosen_is_said():
    lines = explained(replace(IMAGES, notes=("2 files skipped",)), CHOICES, 1e10)
    assert lines[0] == str(replace(IMAGES, notes=()))
    assert lines[1] == "2 files skipped"
    assert "images of 96x96 pixels, their own size" in lines[2]
    assert "up to 100,000 parameters; 15 minutes" in lines[2]


def test_images_that_change_their_size_are_said_to():
    lines = explained(replace(IMAGES, height=200), CHOICES, 1e10)
    assert "96x96 pixels, to which they are stretched" in lines[-1]

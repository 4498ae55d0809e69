"""The two recipes: which one a file has, and what holds where it says nothing."""

import pytest
from hypothesis import given

from nac.config import Augmentation, Momentum, OneCycle, Training, experiment_to_dict
from nac.config.reading import parse_experiment
from nac.config.recipes import AMLA, MODERN, RECIPES
from tests.builders import assert_says, input_error
from tests.config.examples import ENVELOPENET, EXPONENTIAL, TRAINING, parsed
from tests.strategies import experiments

ALL_OFF = {
    "parameters": {"score_flipped": False},
    "child_training": {
        "optimizer": {"type": "sgd"},
        "lr": EXPONENTIAL,
        "weight_decay": 0,
        "label_smoothing": {"value": 0},
        "branch_dropout": 0,
        "batch_norm_scale": False,
        "average_share": 0,
    },
    "augmentation": {
        "crop": False,
        "flip": False,
        "erasing": 0,
        "brightness": False,
        "contrast": False,
        "min_epochs": 0,
    },
    "envelopenet": {**ENVELOPENET, "ranking": "mean_square", "per_cost": False},
}
"""A file that switches off all that the modern recipe has on."""


def reparsed(experiment):
    return parse_experiment(experiment_to_dict(experiment), experiment.source)


# which recipe


def test_a_file_that_says_how_to_train_has_amlas_recipe():
    assert parsed(child_training=TRAINING).recipe_name == AMLA


def test_a_file_that_does_not_say_how_to_train_has_the_modern_recipe():
    assert parsed(parameters={"steps": 3}).recipe_name == MODERN


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("sections", [{}, {"child_training": TRAINING}])
def test_the_recipe_that_a_file_names_is_the_one_it_has(name, sections):
    assert parsed(recipe=name, **sections).recipe_name == name


def test_an_unknown_recipe_is_an_error_that_knows_the_nearest():
    text = input_error(lambda: parsed(recipe="modem"))
    assert text == (
        "try.yaml: recipe: expected one of amla, modern, received 'modem' (did you mean 'modern'?)"
    )


@pytest.mark.parametrize("value", [None, 3, ["modern"], {"name": "modern"}])
def test_a_recipe_that_is_no_name_is_an_error(value):
    text = input_error(lambda: parsed(recipe=value))
    assert_says(text, "try.yaml: recipe: expected one of amla, modern", "received")


# what holds then


def test_the_modern_recipe_by_itself():
    recipe = parsed(recipe=MODERN).recipe
    assert recipe.training == Training(
        lr=OneCycle(peak=0.2, batch_size=128, warmup=0.2, decay="linear"),
        optimizer=Momentum(0.9),
        clip_norm=None,
        l2=0.0,
        weight_decay=0.005,
        label_smoothing=0.1,
        branch_dropout=0.0,
        batch_norm_scale=False,
        average_share=0.0,
    )
    assert recipe.augmentation == Augmentation(
        crop="reflect",
        flip=True,
        erasing=0.0,
        brightness=0.0,
        contrast=None,
        standardize=True,
        min_epochs=30.0,
    )
    assert recipe.parameters.score_flipped is True


def test_the_modern_recipe_prunes_by_value_for_cost():
    settings = parsed(recipe=MODERN, envelopenet=ENVELOPENET).envelopenet
    assert (settings.policy, settings.ranking, settings.per_cost) == ("weakest", "taylor", True)


@pytest.mark.parametrize("sections", [{}, {"child_training": TRAINING}])
def test_a_file_that_names_no_recipe_prunes_as_the_paper_does(sections):
    settings = parsed(envelopenet=ENVELOPENET, **sections).envelopenet
    assert (settings.ranking, settings.per_cost) == ("mean_square", False)


def test_a_recipe_constructs_nothing_where_the_file_does_not():
    assert parsed(recipe=MODERN).envelopenet is None


def test_amlas_recipe_adds_nothing_to_the_defaults():
    recipe = parsed(recipe=AMLA, child_training=TRAINING).recipe
    assert recipe.training == Training(lr=recipe.training.lr)
    assert recipe.augmentation == Augmentation()
    assert recipe.parameters.score_flipped is False


def test_a_key_of_the_file_wins_over_the_recipe():
    training = parsed(recipe=MODERN, child_training={"weight_decay": 0.1}).recipe.training
    assert (training.weight_decay, training.label_smoothing) == (0.1, 0.1)


def test_a_schedule_of_the_file_replaces_that_of_the_recipe_as_a_whole():
    lr = {"type": "one_cycle", "peak": 0.5}
    training = parsed(recipe=MODERN, child_training={"lr": lr}).recipe.training
    assert training.lr == OneCycle(peak=0.5, batch_size=None)


def test_the_full_training_inherits_the_recipe():
    final = parsed(recipe=MODERN, final_training={"steps": 99}).final
    assert final.training.weight_decay == 0.005
    assert final.augmentation.crop == "reflect"


@pytest.mark.parametrize("section", ["parameters", "child_training", "augmentation"])
@pytest.mark.parametrize("value", [None, [1], "all"])
def test_a_section_that_is_no_mapping_is_an_error_under_the_modern_recipe(section, value):
    text = input_error(lambda: parsed(recipe=MODERN, **{section: value}))
    assert_says(text, f"try.yaml: {section}: expected a mapping", f"received {value!r}")


def test_a_file_is_not_changed_by_being_read():
    value = {"recipe": MODERN, "child_training": {"weight_decay": 0.1}}
    parse_experiment(value, "try.yaml")
    assert value == {"recipe": MODERN, "child_training": {"weight_decay": 0.1}}


# written out


def test_a_modern_file_is_written_with_its_name_and_all_values():
    written = experiment_to_dict(parsed(parameters={"steps": 3}))
    assert written["recipe"] == MODERN
    assert written["child_training"]["lr"] == {
        "type": "one_cycle",
        "peak": 0.2,
        "batch_size": 128,
        "warmup": 0.2,
        "decay": "linear",
    }


def test_amlas_name_is_not_written_where_it_is_implied():
    assert "recipe" not in experiment_to_dict(parsed(child_training=TRAINING))


@pytest.mark.parametrize("name", RECIPES)
def test_an_experiment_without_any_section_survives(name):
    experiment = parsed(recipe=name)
    assert reparsed(experiment) == experiment


def test_what_a_file_switches_off_stays_off():
    experiment = parsed(recipe=MODERN, **ALL_OFF)
    training = experiment.recipe.training
    assert (training.weight_decay, training.label_smoothing) == (0.0, 0.0)
    assert reparsed(experiment) == experiment


def test_what_a_full_training_switches_off_stays_off():
    final = {**ALL_OFF["parameters"], **ALL_OFF["child_training"]}
    experiment = parsed(recipe=MODERN, final_training=final)
    assert experiment.final.training.label_smoothing == 0.0
    assert experiment.recipe.training.label_smoothing == 0.1
    assert reparsed(experiment) == experiment


@pytest.mark.parametrize("name", RECIPES)
def test_each_key_of_a_recipe_is_written_even_if_it_is_off(name):
    # Otherwise the recipe's value would come back when the written file is read.
    written = experiment_to_dict(parsed(recipe=MODERN, **ALL_OFF))
    missing = [
        f"{section}.{key}"
        for section, values in RECIPES[name].items()
        for key in values
        if key not in written[section]
    ]
    assert missing == []


def test_the_file_above_switches_off_each_key_of_the_modern_recipe():
    off = {**ALL_OFF, "envelopenet": ALL_OFF["envelopenet"].keys() - ENVELOPENET.keys()}
    assert {section: set(values) for section, values in off.items()} == {
        section: set(values) for section, values in RECIPES[MODERN].items()
    }


@given(experiments())
def test_any_modern_experiment_survives(value):
    experiment = parse_experiment({**value, "recipe": MODERN}, "random")
    assert reparsed(experiment) == experiment

"""Which images score the truncated trainings and the full one."""

from dataclasses import replace

from nac.config import scored_on, search_recipe
from nac.config.splits import check_validation
from tests.builders import input_error
from tests.config.examples import TRAINING, parsed


def experiment(share=0.0, **final):
    """Return an experiment whose iterations hold out a share of the training images."""
    return parsed(
        parameters={"validation_share": share}, child_training=TRAINING, final_training=final
    )


def test_truncated_trainings_leave_the_test_images_alone_if_some_are_held_out():
    assert search_recipe(experiment(0.2)).parameters.score_test is False


def test_truncated_trainings_score_the_test_images_if_none_are_held_out():
    assert search_recipe(experiment()).parameters.score_test is True


def test_scored_on_the_test_images_the_full_training_is_as_the_file_says():
    asked = experiment(0.25, validation_share=0)
    assert scored_on(asked, "test") == asked


def test_scored_on_validation_images_the_full_training_holds_out_what_the_iterations_do():
    asked = experiment(0.25, validation_share=0)
    expected = replace(asked.final.parameters, validation_share=0.25, score_test=False)
    assert scored_on(asked, "validation").final.parameters == expected


def test_without_validation_images_nothing_can_be_scored_on_them():
    assert input_error(scored_on, experiment(), "validation") == (
        "try.yaml: parameters.validation_share: expected more than 0 for --split=validation,"
        " received 0"
    )


def test_rounds_need_validation_images():
    assert input_error(check_validation, experiment()) == (
        "try.yaml: parameters.validation_share: expected more than 0, as the construction"
        " decides by held-out images, received 0"
    )
    check_validation(experiment(0.25))


def test_a_full_training_that_leaves_the_test_images_alone_cannot_be_scored_on_them():
    assert input_error(scored_on, experiment(0.25, score_test=False), "test") == (
        "try.yaml: final_training.score_test: expected true for --split=test, received false"
    )


def test_without_a_full_training_nothing_can_be_scored():
    text = input_error(scored_on, parsed(parameters={"validation_share": 0.2}), "validation")
    assert text == "try.yaml: final_training: missing"

"""Jobs as rows of the HParams tab."""

from pathlib import Path

import pytest

from nac.config.reading import parse_experiment
from nac.tensorboard.hparams import hyperparameters, network_name, row_title
from tests.experiments import training

DESCRIPTION = {"notation": "6/2-1/2", "trainable_params": 500, "flops": 1000}


@pytest.mark.parametrize(
    ("directory", "name"),
    [
        ("run/comparison/random-3/seed12", "random-3"),
        ("run/000", "000"),
        ("run/final/", "final"),
        ("run/seedling", "seedling"),
    ],
)
def test_a_network_is_named_after_its_directory(directory, name):
    assert network_name(Path(directory)) == name


def test_a_row_has_a_title_of_its_own():
    title = row_title(Path("runs/digits/comparison/random-3/seed12"))
    assert title == "random-3/seed12 (runs/digits/comparison)"


def test_a_row_says_what_was_trained_and_how():
    parameters = {"seed": 3, "gpus": [0, 1]}
    experiment = parse_experiment(training(parameters=parameters), "e.yaml")
    assert hyperparameters(experiment, DESCRIPTION, "random-3") == {
        "network": "random-3",
        "notation": "6/2-1/2",
        "parameters": 500,
        "flops": 1000,
        "skips": 3,
        "seed": 3,
        "steps": 12,
        "batch_size": 32,
        "learning_rate": 0.02,
        "dataset": "digits",
        "experiment": "small",
    }


def test_the_rate_of_a_cosine_schedule_is_its_largest():
    experiment = training(
        child_training={"lr": {"type": "cosine_decay", "max": 0.5, "min": 0.01, "T_0": 4}}
    )
    row = hyperparameters(parse_experiment(experiment, "e.yaml"), DESCRIPTION, "a")
    assert row["learning_rate"] == 0.5

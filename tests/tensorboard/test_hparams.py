"""Jobs as rows of the HParams tab."""

from pathlib import Path

from nac.config.reading import parse_experiment
from nac.models.description import NetworkDescription
from nac.tensorboard.hparams import hyperparameters, row_title
from tests.experiments import training

DESCRIPTION = NetworkDescription(
    notation="6/2-1/2",
    input_shape=(8, 8, 1),
    classes=10,
    trainable_params=500,
    params_by_kind={},
    gates=3,
    multiply_adds=500,
    flops=1000,
    per_layer_channels=(),
    per_layer_shapes=(),
    layers=(),
)


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


def test_the_rate_of_a_one_cycle_schedule_is_its_peak_for_the_batch():
    experiment = training(
        child_training={"lr": {"type": "one_cycle", "peak": 0.5, "batch_size": 64}}
    )
    row = hyperparameters(parse_experiment(experiment, "e.yaml"), DESCRIPTION, "a")
    assert row["learning_rate"] == 0.125  # 16 of 64 images


def test_the_rate_of_a_cosine_schedule_is_its_largest():
    experiment = training(
        child_training={"lr": {"type": "cosine_decay", "max": 0.5, "min": 0.01, "T_0": 4}}
    )
    row = hyperparameters(parse_experiment(experiment, "e.yaml"), DESCRIPTION, "a")
    assert row["learning_rate"] == 0.5

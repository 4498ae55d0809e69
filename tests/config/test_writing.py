"""An experiment written out parses to the same experiment."""

from dataclasses import replace

import pytest
from hypothesis import given

from nac.config import experiment_to_dict, experiment_to_file, load_experiment, parse_experiment
from nac.utils.files import write_yaml
from tests.builders import CLASSIFIER, layer, network, stem
from tests.config.examples import COSINE, ENVELOPENET, TRAINING, parsed
from tests.strategies import experiments


def reparsed(experiment):
    """Return the experiment after it was written out; used keys alone are written."""
    return parse_experiment(experiment_to_dict(experiment), experiment.source)


def test_defaults_are_written_out():
    value = experiment_to_dict(parsed(recipe="amla", parameters={"steps": 3}))
    assert value == {
        "recipe": "amla",
        "parameters": {
            "arch_name": "experiment",
            "gpus": [],
            "steps": 3,
            "log_stats": True,
            "validation_share": 0.0,
            "score_test": True,
            "branch_gates": False,
            "ranking": "mean_square",
            "score_flipped": False,
            "seed": 0,
        },
        "augmentation": {
            "crop": True,
            "flip": True,
            "erasing": 0.0,
            "brightness": 63.0,
            "contrast": [0.2, 1.8],
            "standardize": True,
            "min_epochs": 0.0,
        },
    }


def test_training_is_written_in_amlas_form():
    child = {
        "lr": COSINE,
        "optimizer": {"type": "momentum"},
        "gradient_clipping": {"type": "norm", "value": 5},
        "regularization": {"type": "l2", "value": 3e-4},
    }
    assert experiment_to_dict(parsed(child_training=child))["child_training"] == {
        "optimizer": {"type": "momentum", "momentum": 0.9},
        "lr": {"type": "cosine_decay", "max": 0.05, "min": 0.001, "T_0": 10, "T_mul": 1},
        "gradient_clipping": {"type": "norm", "value": 5.0},
        "regularization": {"type": "l2", "value": 3e-4},
        "weight_decay": 0.0,
        "label_smoothing": {"value": 0.0},
        "branch_dropout": 0.2,
        "batch_norm_scale": False,
        "average_share": 0.0,
        "nan_retries": 0,
        "auxiliary_weight": 0.4,
        "mixed_precision": False,
    }


def test_an_envelopenet_is_written_whole():
    assert experiment_to_dict(parsed(envelopenet=ENVELOPENET))["envelopenet"] == {
        **ENVELOPENET,
        "construction": [True, True],
        "parameter_limits": [False, False],
        "skip": False,
        "worst_case": False,
        "prune_skips": True,
        "policy": "weakest",
        "ranking": "mean_square",
        "per_cost": False,
        "prune_all_stages": False,
        "inherit": False,
        "rounds": 4,
        "candidates": 6,
        "children": 4,
        "proposals": ["taylor", "weight_norm"],
    }


def test_a_share_that_is_pruned_is_written_where_there_is_one():
    experiment = parsed(envelopenet={**ENVELOPENET, "prune_share": 0.25})
    assert experiment_to_dict(experiment)["envelopenet"]["prune_share"] == 0.25


@pytest.mark.parametrize(
    "optimizer",
    [
        {"type": "sgd"},
        {"type": "rms", "momentum": 0.5, "decay": 0.8, "epsilon": 0.001},
        {"type": "keras", "class_name": "Muon", "epsilon": 1e-8, "exclude_layers": ["head"]},
    ],
)
def test_an_optimizer_is_written_as_it_was_read(optimizer):
    experiment = parsed(child_training={**TRAINING, "optimizer": optimizer})
    assert experiment_to_dict(experiment)["child_training"]["optimizer"] == optimizer


def test_an_architecture_is_written_with_its_cells_inside():
    value = experiment_to_dict(
        parsed(arch=network(layer("3x3")), init_cell=stem(8), classification_cell=CLASSIFIER)
    )
    assert value["arch"] == network(layer("3x3"), init_cell=stem(8), classification_cell=CLASSIFIER)


def test_a_contrast_that_is_off_stays_off():
    experiment = parsed(augmentation={"contrast": False, "brightness": False})
    assert reparsed(experiment) == experiment


def test_final_training_keeps_what_it_overrides_and_what_it_inherits():
    experiment = parsed(
        parameters={"steps": 10, "seed": 3},
        child_training={**TRAINING, "optimizer": {"type": "momentum"}},
        final_training={"steps": 99, "lr": COSINE, "log_stats": True},
    )
    assert reparsed(experiment) == experiment


def test_cells_beside_an_architecture_survive():
    experiment = parsed(
        arch=network(layer("3x3")), init_cell=stem(8), classification_cell=CLASSIFIER
    )
    assert reparsed(experiment) == experiment


@given(experiments())
def test_any_experiment_survives(value):
    experiment = parse_experiment(value, "random")
    assert reparsed(experiment) == experiment


@given(experiments())
def test_writing_is_canonical(value):
    written = experiment_to_dict(parse_experiment(value, "random"))
    assert experiment_to_dict(parse_experiment(written, "random")) == written


def test_an_experiment_survives_its_yaml_file(tmp_path):
    experiment = parsed(
        parameters={"steps": 10},
        child_training={**TRAINING, "regularization": {"type": "l2", "value": 1e-05}},
        envelopenet=ENVELOPENET,
        init_cell=stem(8),
    )
    path = tmp_path / "try.yaml"
    write_yaml(path, experiment_to_dict(experiment), "what it reproduces")
    assert replace(load_experiment(str(path)), source="try.yaml") == experiment


def test_what_a_run_keeps_has_a_version_and_parses_to_the_same():
    experiment = parsed(recipe="amla", parameters={"steps": 3})
    written = experiment_to_file(experiment)
    assert next(iter(written.items())) == ("version", 1)
    assert parse_experiment(written, experiment.source) == experiment

"""What an experiment says: sizes, needed parts, and the job of one training."""

import pytest

from nac.config import Parameters, training_job
from tests.builders import CLASSIFIER, input_error, layer, network, stem
from tests.config.examples import ENVELOPENET, TRAINING, parsed

FULL_NETWORK = network(layer("3x3"), init_cell=stem(8), classification_cell=CLASSIFIER)

FULL = parsed(
    parameters={"mode": "construct", "algorithm": "envelopenet", "steps": 10, "iterations": 5},
    child_training=TRAINING,
    final_training={"steps": 99},
    envelopenet=ENVELOPENET,
    init_cell=stem(8),
    classification_cell=CLASSIFIER,
    arch=network(layer("3x3")),
)


@pytest.mark.parametrize(("gpus", "size"), [((), 50), ((0,), 50), ((0, 1, 2), 150)])
def test_the_global_batch_is_one_batch_per_gpu_and_at_least_one(gpus, size):
    assert Parameters(batch_size=50, gpus=gpus).global_batch_size == size


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("envelopenet", FULL.envelopenet),
        ("init_cell", FULL.stem),
        ("classification_cell", FULL.classifier),
        ("arch", FULL.architecture),
        ("final_training", FULL.final),
        ("child_training", FULL.recipe.training),
        ("parameters.steps", 10),
    ],
)
def test_a_needed_part_that_is_there_is_returned(name, attribute):
    assert FULL.need(name) == attribute


@pytest.mark.parametrize(
    "name",
    [
        "envelopenet",
        "init_cell",
        "classification_cell",
        "arch",
        "final_training",
        "child_training",
        "parameters.steps",
    ],
)
def test_a_needed_part_that_is_missing_is_named(name):
    assert input_error(parsed().need, name) == f"try.yaml: {name}: missing"


def test_a_job_trains_the_given_architecture_and_constructs_nothing():
    job = training_job(FULL, FULL.architecture, FULL.recipe)
    assert job.architecture == FULL.architecture
    assert (job.parameters.mode, job.parameters.algorithm) == ("train", "deterministic")
    assert job.parameters.iterations is None
    assert (job.envelopenet, job.final) == (None, None)


def test_a_job_has_the_recipe_it_was_given():
    job = training_job(FULL, FULL.architecture, FULL.final)
    assert job.parameters.steps == 99
    assert job.recipe.training == FULL.final.training


def test_a_job_shows_branches_by_the_ranking_that_decides():
    experiment = parsed(envelopenet={**ENVELOPENET, "ranking": "taylor"}, arch=FULL_NETWORK)
    job = training_job(experiment, experiment.architecture, experiment.recipe)
    assert job.parameters.ranking == "taylor"


def test_a_job_outside_a_construction_keeps_the_ranking_that_it_shows():
    experiment = parsed(parameters={"ranking": "variance"}, arch=FULL_NETWORK)
    job = training_job(experiment, experiment.architecture, experiment.recipe)
    assert job.parameters.ranking == "variance"


@pytest.mark.parametrize(
    ("value", "policy", "scales"),
    [
        (False, "float32", False),
        (True, "mixed_float16", True),
        ("bfloat16", "mixed_bfloat16", False),
    ],
)
def test_the_precision_decides_the_type_of_featuremaps_and_whether_the_loss_is_scaled(
    value, policy, scales
):
    training = parsed(child_training={**TRAINING, "mixed_precision": value}).recipe.training
    assert (training.dtype_policy, training.scales_loss) == (policy, scales)


def test_another_precision_is_an_error():
    training = {**TRAINING, "mixed_precision": "float8"}
    text = input_error(lambda: parsed(child_training=training))
    assert "child_training.mixed_precision" in text
    assert "'float8'" in text

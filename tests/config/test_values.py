"""What an experiment says: sizes, needed parts, and the job of one training."""

import pytest

from nac.config import Augmentation, Parameters, Recipe, training_job
from nac.config.training import CosineDecay, ExponentialDecay, OneCycle
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
    assert input_error(parsed(recipe="amla").need, name) == f"try.yaml: {name}: missing"


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


@pytest.mark.parametrize(
    ("schedule", "batch_size", "highest"),
    [
        (ExponentialDecay(initial=0.4), 32, 0.4),
        (CosineDecay(max=0.05, min=0.001, T_0=10), 32, 0.05),
        (OneCycle(peak=0.1), 32, 0.1),
        (OneCycle(peak=0.1, batch_size=128), 32, 0.025),
        (OneCycle(peak=0.1, batch_size=128), 256, 0.2),
    ],
)
def test_the_largest_learning_rate_of_a_schedule(schedule, batch_size, highest):
    assert schedule.highest(batch_size) == pytest.approx(highest)


CHANGED = Augmentation(crop="reflect", erasing=0.5, min_epochs=4.0)


def test_a_job_of_enough_epochs_changes_its_images():
    assert CHANGED.for_epochs(4.0) == CHANGED


@pytest.mark.parametrize("standardize", [True, False])
def test_a_job_of_fewer_epochs_only_standardizes_its_images(standardize):
    shorter = Augmentation(min_epochs=4.0, erasing=0.5, standardize=standardize).for_epochs(3.9)
    assert shorter == Augmentation(
        crop=False,
        flip=False,
        erasing=0.0,
        brightness=0.0,
        contrast=None,
        standardize=standardize,
        min_epochs=0.0,
    )


@pytest.mark.parametrize(("steps", "flips"), [(None, False), (15, False), (16, True)])
def test_the_epochs_of_a_job_follow_from_steps_batch_and_images(steps, flips):
    # An epoch of 100 images is 4 steps of 25 images, on two GPUs 2 steps of 50.
    parameters = Parameters(steps=steps, batch_size=25)
    recipe = Recipe(parameters, None, CHANGED).for_examples(100)
    assert (recipe.augmentation.flip, recipe.parameters) == (flips, parameters)


def test_an_epoch_counts_the_images_of_all_gpus():
    recipe = Recipe(Parameters(steps=8, batch_size=25, gpus=(0, 1)), None, CHANGED)
    assert recipe.for_examples(100).augmentation.flip


@pytest.mark.parametrize(
    ("asked", "flip", "scored"),
    [(True, True, True), (True, False, False), (False, True, False)],
)
def test_mirror_images_are_scored_if_asked_for_and_trained_with(asked, flip, scored):
    recipe = Recipe(Parameters(score_flipped=asked), None, Augmentation(flip=flip))
    assert recipe.scores_flipped is scored


def test_a_job_keeps_the_recipe_that_the_file_names():
    experiment = parsed(recipe="modern", arch=FULL_NETWORK)
    job = training_job(experiment, experiment.architecture, experiment.recipe)
    assert job.recipe_name == "modern"

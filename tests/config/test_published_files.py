"""AMLA's published experiment files parse unchanged and survive being written out."""

import pytest

from nac.config import ExponentialDecay, experiment_to_dict, load_experiment, parse_experiment
from tests.builders import assert_says, input_error

NETWORKS = ["multi-gpu.test", "nac.final", "nac.generated", "run", "run.test"]
CONSTRUCTIONS = ["nac.construction", "nac.construction.test"]


def load(published_dir, name):
    return load_experiment(str(published_dir / f"config.{name}.json"))


@pytest.mark.parametrize("name", NETWORKS + CONSTRUCTIONS)
def test_a_published_file_has_recipe_and_cells(published_dir, name):
    experiment = load(published_dir, name)
    assert experiment.parameters.dataset == "cifar10"
    assert experiment.recipe.training is not None
    assert experiment.stem is not None
    assert experiment.classifier is not None


@pytest.mark.parametrize("name", NETWORKS)
def test_a_published_network_has_its_cells(published_dir, name):
    experiment = load(published_dir, name)
    assert experiment.architecture.stem == experiment.stem
    assert experiment.architecture.classifier == experiment.classifier


@pytest.mark.parametrize("name", NETWORKS + CONSTRUCTIONS)
def test_a_published_file_survives_being_written_out(published_dir, name):
    experiment = load(published_dir, name)
    again = parse_experiment(experiment_to_dict(experiment), experiment.source)
    assert again.recipe == experiment.recipe
    assert again.final == experiment.final
    assert again.envelopenet == experiment.envelopenet
    assert again.architecture == experiment.architecture


def test_gpus_as_text_are_none(published_dir):
    assert load(published_dir, "run").parameters.gpus == ()


def test_a_learning_rate_of_a_published_file(published_dir):
    assert load(published_dir, "run").recipe.training.lr == ExponentialDecay(0.04, 0.999, 2.0)


@pytest.mark.parametrize(
    ("name", "notation"),
    [
        ("run", "128/3-2-2-2/4"),
        ("nac.final", "128/7-7-2/6"),
        ("nac.generated", "128/7-7-2/6"),
    ],
)
def test_the_notation_of_a_published_network(published_dir, name, notation):
    assert str(load(published_dir, name).architecture.notation) == notation


def test_a_published_construction(published_dir):
    policy = load(published_dir, "nac.construction").envelopenet
    assert policy.layers_per_stage == (2, 2, 2)
    assert policy.construction == (True, True, False)
    assert policy.max_filter_prune == 6
    assert policy.skip


def test_a_key_of_amlas_scheduler_is_reported_as_unused(published_dir):
    assert load(published_dir, "run").unused == ("parameters.train_dir",)


def test_a_file_in_which_one_key_is_misspelt_is_an_error(published_dir, tmp_path):
    text = (published_dir / "config.run.json").read_text()
    path = tmp_path / "run.json"
    path.write_text(text.replace('"eval_interval"', '"eval_intervall"'))
    message = input_error(load_experiment, str(path))
    assert_says(message, str(path), "parameters.eval_intervall", "did you mean 'eval_interval'")

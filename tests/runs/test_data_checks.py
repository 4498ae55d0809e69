"""What is checked of data set, networks and memory before the first job starts."""

import pytest

from nac.config import parse_experiment
from nac.construction.prior import prior
from nac.runs import data_checks
from nac.runs.data_checks import check_data, memory_bytes, step_bytes
from nac.runs.memory_saving import MemorySaving
from tests.builders import assert_says, input_error
from tests.data.image_files import write_classes
from tests.experiments import small


def experiment(**changes):
    return parse_experiment(small(**changes), "try.yaml")


@pytest.fixture
def pets(tmp_path):
    write_classes(tmp_path, {"cat": 10, "dog": 10})
    return {"dataset": f"folder:{tmp_path}", "image_size": 8, "batch_size": 8}


def two_classes():
    return {"Layer2": {"Branch0": {"block": "fc-final", "inputs": 12, "outputs": 2}}}


def test_what_fits_is_accepted(pets):
    check_data(experiment())
    check_data(experiment(parameters=pets, classification_cell=two_classes()))


def test_a_missing_folder_is_an_error():
    text = input_error(
        check_data, experiment(parameters={"dataset": "folder:nowhere", "image_size": 8})
    )
    assert_says(text, "nowhere: expected a folder of folders of images")


@pytest.mark.parametrize("name", ["fashion_mnist", "cifar10", "cifar100", "imagenet", "tfds:mnist"])
def test_missing_files_are_an_error(name, tmp_path):
    text = input_error(check_data, experiment(parameters={"dataset": name}), (), str(tmp_path))
    assert_says(text, f"{tmp_path}: no ", "to prepare it: python -m nac.prepare_data")


def test_another_number_of_classes_is_an_error(pets):
    assert input_error(check_data, experiment(parameters=pets)) == (
        "try.yaml: classification_cell: fc-final: outputs: expected 2, one per class of"
        f" {pets['dataset']}, received 10"
    )


def test_a_batch_of_more_images_than_there_are_is_an_error(pets):
    parameters = {**pets, "batch_size": 17}
    text = input_error(
        check_data, experiment(parameters=parameters, classification_cell=two_classes())
    )
    assert text == (
        "try.yaml: parameters.batch_size: expected at most 16, the number of training images,"
        " received 17"
    )


def test_images_that_are_too_small_for_the_stages_are_an_error(pets):
    parameters = {**pets, "image_size": 1}
    text = input_error(
        check_data, experiment(parameters=parameters, classification_cell=two_classes())
    )
    assert text == (
        "try.yaml: architecture: layer 2: a widener cannot halve featuremaps of 1x1 pixels;"
        " expected fewer stages or larger images"
    )


def test_a_step_that_does_not_fit_into_memory_is_an_error(monkeypatch):
    monkeypatch.setattr(data_checks, "memory_bytes", lambda: 2**20)
    text = input_error(check_data, experiment(parameters={"batch_size": 1000}))
    assert_says(text, "try.yaml: parameters.batch_size: a step of 1000 images of 8x8 pixels")
    assert_says(text, "expected at most 1.0 MiB")


def test_a_step_that_saves_memory_fits_where_another_does_not(monkeypatch):
    large = experiment(parameters={"batch_size": 1000})
    network = prior(large.need("envelopenet"), large.need("init_cell"), large.classifier)
    needed = step_bytes(network, (8, 8, 1), 1000)
    monkeypatch.setattr(data_checks, "memory_bytes", lambda: needed // 2)
    assert_says(input_error(check_data, large), "--recompute, --micro_batch, smaller batches")
    check_data(large, saving=MemorySaving(recompute=True))


def test_the_memory_of_gpus_is_not_known_here(monkeypatch):
    monkeypatch.setattr(data_checks, "memory_bytes", lambda: 1)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    check_data(experiment())


@pytest.mark.parametrize(("content", "smaller"), [("1048576\n", True), ("max\n", False)])
def test_a_container_may_have_less_memory_than_the_machine(tmp_path, content, smaller):
    (tmp_path / "memory.max").write_text(content)
    assert (memory_bytes(tmp_path / "memory.max") == 2**20) == smaller

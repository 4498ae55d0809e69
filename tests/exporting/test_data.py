"""Raw pixels of the data set that a classifier was trained on."""

from dataclasses import replace

import numpy as np

from nac.exporting.data import (
    CALIBRATION_IMAGES,
    calibration_images,
    experiment_of,
    scored_images,
    source_of,
)
from nac.models.classifier import make_classifier
from nac.utils.files import write_json
from tests.builders import input_error
from tests.data.examples import numbered
from tests.experiments import training, write
from tests.models.test_classifier import NAMES, network


def test_calibration_images_are_raw_training_images_in_random_order():
    images = calibration_images(numbered(train=50))
    assert (images.shape, images.dtype) == ((CALIBRATION_IMAGES, 2, 2, 1), np.uint8)
    numbers = images[:50, 0, 0, 0].tolist()
    assert numbers != sorted(numbers)
    assert set(numbers) == set(range(50))


def test_all_images_of_a_small_split_are_scored_in_order():
    images, labels = scored_images(numbered(train=1, test=130), "test", most=1000)
    assert labels.tolist() == list(range(130))
    assert images[:, 0, 0, 0].tolist() == list(range(130))


def test_fewer_images_are_spread_evenly_over_the_split():
    images, labels = scored_images(numbered(train=1, test=201), "test", most=5)
    assert labels.tolist() == [0, 50, 100, 150, 200]
    assert images[:, 0, 0, 0].tolist() == [0, 50, 100, 150, 200]


def test_validation_images_are_scored_if_they_were_in_training():
    source = numbered(train=3, test=2)
    source = replace(
        source, validation_images=source.test_images, validation_labels=source.test_labels
    )
    assert scored_images(source, "validation", most=9)[1].tolist() == [0, 1]


def test_the_training_is_found_beside_the_file(tmp_path):
    assert experiment_of(tmp_path / "classifier.keras") is None
    write_json(tmp_path / "job.json", training(parameters={"seed": 1}))
    assert experiment_of(tmp_path / "classifier.keras").parameters.seed == 1


def test_the_final_job_of_a_run_comes_before_its_experiment(tmp_path):
    write(tmp_path / "experiment.yaml", training(parameters={"seed": 1}))
    (tmp_path / "final").mkdir()
    write_json(tmp_path / "final" / "job.json", training(parameters={"seed": 2}))
    assert experiment_of(tmp_path / "classifier.keras").parameters.seed == 2


def test_a_data_set_of_another_shape_is_refused(tmp_path):
    write_json(tmp_path / "job.json", training())
    classifier = make_classifier(network(3), NAMES)
    text = input_error(source_of, tmp_path / "classifier.keras", classifier)
    assert text == (
        f"{tmp_path}/job.json: expected images of (8, 8, 3), as the classifier was trained on,"
        " received (8, 8, 1)"
    )

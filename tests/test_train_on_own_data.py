"""``python -m nac.train`` on folders of images and on ImageNet's files, as a user runs it."""

import json
import shutil

import numpy as np
import pytest
import tensorflow as tf

from nac.data.datasets import load_dataset
from nac.quality.file import read_predictions
from tests.data.image_files import image, write_image
from tests.data.prepared_sets import amla_record, write_records
from tests.experiments import run, training, write

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """The built-in digits as a folder of PNG and JPEG files, twice as large, one file broken."""
    path = tmp_path_factory.mktemp("digits")
    data = load_dataset("digits")
    splits = {
        "train": (data.train_images, data.train_labels),
        "test": (data.test_images, data.test_labels),
    }
    for split, (images, labels) in splits.items():
        for number, (pixels, label) in enumerate(zip(images, labels, strict=True)):
            large = np.kron(pixels, np.ones((2, 2, 1), np.uint8))
            ending = "png" if number % 2 else "jpg"
            write_image(path / split / f"digit{label}" / f"{number:04d}.{ending}", large)
    (path / "train/digit7/broken.png").write_bytes(b"no image")
    return path


def train(place, dataset, *flags, **parameters):
    sections = training(
        parameters={"dataset": dataset, **parameters},
        child_training={"lr": {"type": "exponential_decay", "initial": 0.1}},
        augmentation={"crop": False},
    )
    config = write(place / "e.yaml", sections)
    return run("train", f"--config={config}", "--output_dir=out", *flags, cwd=place)


def test_a_folder_of_images_is_learned(digits, tmp_path):
    result = train(tmp_path, f"folder:{digits}", image_size=8, steps=300, batch_size=32)
    assert result.returncode == 0, result.stderr
    assert f"note: {digits}/train/digit7/broken.png: cannot be read as an image" in result.stdout
    found = json.loads((tmp_path / "out/statistics.json").read_text())
    assert found["accuracy"] > 0.7


def test_the_next_job_of_a_run_needs_only_what_the_first_one_decoded(digits, tmp_path):
    shutil.copytree(digits, tmp_path / "images")
    flags = ("--decoded_dir=decoded", "--nosave_model")
    first = train(tmp_path, "folder:images", *flags, image_size=8, steps=2)
    shutil.rmtree(tmp_path / "images")
    (tmp_path / "out").rename(tmp_path / "before")
    second = train(tmp_path, "folder:images", *flags, image_size=8, steps=2)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    scores = [json.loads((tmp_path / x / "statistics.json").read_text()) for x in ("before", "out")]
    assert scores[0]["loss"] == scores[1]["loss"]


def test_another_number_of_classes_than_the_network_has_is_refused(tmp_path):
    for name in ("ant", "bee", "cat"):
        for number in range(5):
            write_image(tmp_path / "images/train" / name / f"{number}.png", image(number))
    flags = ("--strategy=mirrored", "--logical_cpus=2")
    result = train(tmp_path, "folder:images", *flags, image_size=8)
    assert (result.returncode, result.stderr) == (
        1,
        "error: architecture: classification_cell: expected 3 outputs, one per class,"
        " received 10\n",
    )


def test_a_missing_set_is_one_line(tmp_path):
    result = train(tmp_path, "cifar10", f"--data_dir={tmp_path}")
    assert (result.returncode, result.stderr) == (
        1,
        f"error: {tmp_path}: no cifar10 there (nor data_batch_1.bin, cifar-10-binary.tar.gz);"
        " to prepare it: python -m nac.prepare_data --dataset=cifar10"
        f" --data_dir={tmp_path}\n",
    )


def test_imagenets_files_train_on_several_devices(tmp_path):
    for split in ("train", "validation"):
        records = [amla_record(1 + number % 1000, image(number, 20, 20, 3)) for number in range(20)]
        write_records(tmp_path / f"{split}-00000-of-00001", records)
    sections = training(parameters={"dataset": "imagenet", "image_size": 16, "steps": 2})
    sections["classification_cell"]["Layer2"]["Branch0"]["outputs"] = 1001
    config = write(tmp_path / "e.yaml", sections)
    flags = (f"--data_dir={tmp_path}", "--strategy=mirrored", "--logical_cpus=2")
    result = run("train", f"--config={config}", "--output_dir=out", *flags, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "note: no classifier.keras: images of imagenet are prepared by more" in result.stdout
    model = tf.keras.models.load_model(tmp_path / "out/model.keras")
    assert (model.input_shape, model.output_shape) == ((None, 16, 16, 3), (None, 1001))
    # Streams leave pictures of their images, too.
    predictions = read_predictions(tmp_path / "out")
    assert predictions.labels.tolist() == [1 + number for number in range(20)]
    assert len(predictions.class_names) == 1001
    assert len(list((tmp_path / "out/thumbnails").iterdir())) == 20

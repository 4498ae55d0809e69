"""Tiny datasets that tensorflow-datasets prepares offline."""

import socket

import numpy as np
import pytest
import tensorflow_datasets as tfds

from nac.data import prepared_images
from nac.data.datasets import load_dataset
from nac.data.prepared import default_directory, find_prepared, tfds_facts, tfds_name
from nac.data.source import ImageFacts, Request
from nac.data.stream import Stream
from tests.builders import assert_says, input_error
from tests.data.examples import assert_same_batches
from tests.data.image_files import image
from tests.data.prepared_sets import examples, prepare


def load(directory, name="tfds:tiny", image_size=None):
    return load_dataset(name, str(directory), image_size)


def values(images):
    return images[:, 0, 0, 0].tolist()


class TestFacts:
    def facts(self, directory, image_size=None):
        return tfds_facts(Request("tfds:tiny", "tiny", str(directory), image_size))

    def test_they_are_known_before_images_are_read(self, tmp_path):
        prepare(tmp_path, {"train": examples(5, 3)})
        assert self.facts(tmp_path) == ImageFacts((4, 4, 1), 3)

    def test_images_that_vary_in_size_are_resized(self, tmp_path):
        prepare(tmp_path, {"train": examples(5, 3)}, shape=(None, None, 1))
        assert self.facts(tmp_path, image_size=9) == ImageFacts((9, 9, 1), 3)
        assert_says(input_error(self.facts, tmp_path), "image_size: missing")

    def test_a_set_without_labels_is_refused(self, tmp_path):
        path = prepare(tmp_path, {"train": examples(5, 3)})
        (path / "features.json").write_text('{"featuresDict": {"features": {}}}')
        assert_says(input_error(self.facts, tmp_path), "features.json", "one class each")


class TestInMemory:
    def test_images_and_labels_are_those_of_the_splits(self, tmp_path):
        prepare(tmp_path, {"train": examples(5, 3), "test": examples(2, 3, first=100)})
        data = load(tmp_path)
        assert (values(data.train_images), values(data.test_images)) == (
            [0, 1, 2, 3, 4],
            [100, 101],
        )
        assert (data.train_labels.tolist(), data.test_labels.tolist()) == ([0, 1, 2, 0, 1], [1, 2])
        assert (data.classes, data.image_shape) == (3, (4, 4, 1))

    def test_types_are_those_of_images(self, tmp_path):
        prepare(tmp_path, {"train": examples(5, 3), "test": examples(2, 3)})
        data = load(tmp_path)
        assert (data.train_images.dtype, data.test_labels.dtype) == (np.uint8, np.int32)

    def test_without_a_test_split_the_validation_split_is_taken(self, tmp_path):
        prepare(tmp_path, {"train": examples(5, 3), "validation": examples(1, 3, first=7)})
        assert values(load(tmp_path).test_images) == [7]

    def test_without_either_every_fifth_of_each_class_is_held_out(self, tmp_path):
        prepare(tmp_path, {"train": examples(11, 2)}, classes=2)
        data = load(tmp_path)
        assert values(data.test_images) == [8, 9]
        assert values(data.train_images) == [0, 1, 2, 3, 4, 5, 6, 7, 10]

    def test_images_of_one_size_keep_it(self, tmp_path):
        prepare(tmp_path, {"train": examples(5, 3), "test": examples(2, 3)})
        data = load(tmp_path, image_size=6)
        assert (data.image_shape, data.padded_side) == ((4, 4, 1), 6)

    def test_images_of_several_sizes_are_brought_to_image_size(self, tmp_path):
        mixed = [{"image": image(9, side, 3, 3), "label": 0} for side in (3, 8)]
        prepare(tmp_path, {"train": mixed, "test": mixed}, shape=(None, None, 3))
        data = load(tmp_path, image_size=6)
        assert (data.train_images.shape, data.padded_side) == ((2, 6, 6, 3), 7)
        assert data.train_images.min() == data.train_images.max() == 9

    def test_other_features_are_not_looked_at(self, tmp_path):
        features = tfds.features.FeaturesDict(
            {
                "picture": tfds.features.Image(shape=(4, 4, 1)),
                "kind": tfds.features.ClassLabel(num_classes=2),
                "name": tfds.features.Text(),
            }
        )
        found = [{"picture": image(5), "kind": 1, "name": "five"}]
        prepare(tmp_path, {"train": found, "test": found}, features=features)
        assert load(tmp_path).train_labels.tolist() == [1]


class TestLargeSets:
    @pytest.fixture
    def both(self, tmp_path, monkeypatch):
        prepare(tmp_path, {"train": examples(12, 3), "test": examples(5, 3)})
        in_memory = load(tmp_path)
        monkeypatch.setattr(prepared_images, "MEMORY_LIMIT", 1)
        return in_memory, load(tmp_path)

    def test_they_are_streamed(self, both):
        images, stream = both
        assert isinstance(stream, Stream)
        assert (stream.image_shape, stream.classes) == (images.image_shape, images.classes)
        assert stream.train_examples == images.train_examples == 12

    def test_evaluation_is_the_same_as_in_memory(self, both):
        in_memory, streamed = (source.evaluation_batches("test", 2) for source in both)
        assert_same_batches(in_memory, streamed)

    def test_without_a_test_split_they_are_an_error(self, tmp_path, monkeypatch):
        prepare(tmp_path, {"train": examples(12, 3)})
        monkeypatch.setattr(prepared_images, "MEMORY_LIMIT", 1)
        assert_says(input_error(load, tmp_path), "expected a split 'test' or 'validation'")


class TestFinding:
    def test_the_newest_version_is_taken(self, tmp_path):
        for version in ("9.0.0", "10.0.0", "10.0"):
            (tmp_path / "tiny" / version).mkdir(parents=True)
            (tmp_path / "tiny" / version / "dataset_info.json").touch()
        assert find_prepared(tmp_path, "tiny") == tmp_path / "tiny/10.0.0"

    def test_a_version_without_its_facts_is_not_prepared(self, tmp_path):
        (tmp_path / "tiny/1.0.0").mkdir(parents=True)
        assert find_prepared(tmp_path, "tiny") is None

    @pytest.fixture
    def with_configs(self, tmp_path):
        for config in ("fog", "snow"):
            (tmp_path / "tiny" / config / "1.0.0").mkdir(parents=True)
            (tmp_path / "tiny" / config / "1.0.0/dataset_info.json").touch()
        return tmp_path

    def test_a_configuration_is_taken_by_name(self, with_configs):
        assert find_prepared(with_configs, "tiny/snow") == with_configs / "tiny/snow/1.0.0"

    def test_one_of_several_must_be_named(self, with_configs):
        assert_says(input_error(find_prepared, with_configs, "tiny"), "tfds:tiny:CONFIG", "snow")

    def test_the_only_one_need_not_be_named(self, with_configs):
        (with_configs / "tiny/snow/1.0.0/dataset_info.json").unlink()
        assert find_prepared(with_configs, "tiny") == with_configs / "tiny/fog/1.0.0"

    def test_the_default_directory_is_that_of_tensorflow_datasets(self, monkeypatch):
        monkeypatch.setenv("TFDS_DATA_DIR", "/somewhere")
        assert str(default_directory()) == "/somewhere"


class TestErrors:
    @pytest.mark.parametrize(
        "name", ["cifar10", "cifar100", "imagenet", "imagenet2012", "tfds:mnist"]
    )
    def test_a_missing_set_names_the_directory_and_the_command(self, tmp_path, monkeypatch, name):
        def refuse(*arguments, **options):
            raise AssertionError("asked the network")

        monkeypatch.setattr(socket, "getaddrinfo", refuse)
        assert_says(
            input_error(load, tmp_path, name),
            f"{tmp_path}: no ",
            f"python -m nac.prepare_data --dataset={name} --data_dir={tmp_path}",
        )

    def test_a_name_that_nobody_knows_is_told_the_nearest(self, tmp_path):
        text = input_error(load, tmp_path, "tfds:cifra10")
        assert_says(text, "does not know 'cifra10' (did you mean 'cifar10'?)")

    @pytest.mark.parametrize("argument", ["../x", "a/b", "Name", "a:", "a:b:c", "a:../b"])
    def test_what_cannot_be_a_name_is_an_error(self, argument):
        assert_says(input_error(tfds_name, argument), "tfds:NAME", repr("tfds:" + argument))

    def test_images_of_several_sizes_need_image_size(self, tmp_path):
        mixed = [{"image": image(9, side, 3, 3), "label": 0} for side in (3, 8)]
        prepare(tmp_path, {"train": mixed, "test": mixed}, shape=(None, None, 3))
        assert_says(input_error(load, tmp_path), "parameters.image_size: missing", "'tfds:tiny'")

    def test_a_set_without_labels_is_none_for_classification(self, tmp_path):
        features = tfds.features.FeaturesDict(
            {"image": tfds.features.Image(shape=(4, 4, 1)), "text": tfds.features.Text()}
        )
        found = [{"image": image(5), "text": "five"}]
        path = prepare(tmp_path, {"train": found}, features=features)
        assert input_error(load, tmp_path) == (
            f"{path}: expected images with one class each, received image, text"
        )

    def test_a_set_without_training_images_is_named(self, tmp_path):
        path = prepare(tmp_path, {"test": examples(2, 3)})
        assert input_error(load, tmp_path) == f"{path}: expected a split 'train', received test"

    def test_a_missing_file_is_named(self, tmp_path):
        path = prepare(tmp_path, {"train": examples(5, 3), "test": examples(2, 3)})
        (file,) = path.glob("tiny-test*")
        file.unlink()
        assert input_error(load, tmp_path) == f"{file}: missing"

    def test_a_truncated_file_is_named(self, tmp_path):
        path = prepare(tmp_path, {"train": examples(5, 3), "test": examples(2, 3)})
        (file,) = path.glob("tiny-train*")
        file.write_bytes(file.read_bytes()[:-3])
        assert_says(input_error(load, tmp_path), f"{path}: train: cannot be read")

    def test_fewer_images_than_the_set_says_are_an_error(self, tmp_path):
        path = prepare(tmp_path, {"train": examples(5, 3), "test": examples(2, 3)})
        (train,), (test,) = path.glob("tiny-train*"), path.glob("tiny-test*")
        train.write_bytes(test.read_bytes())
        assert input_error(load, tmp_path) == f"{path}: train: expected 5 images, received 2"

    def test_facts_that_cannot_be_read_are_named(self, tmp_path):
        path = prepare(tmp_path, {"train": examples(5, 3), "test": examples(2, 3)})
        (path / "features.json").write_text("{")
        assert_says(input_error(load, tmp_path), f"{path}: cannot be read")

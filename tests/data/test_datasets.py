"""The table of data sets, and the digits that are built in."""

import hashlib

import numpy as np
import pytest

from nac.config.parameters import Parameters
from nac.config.values import Experiment, Recipe
from nac.data.datasets import (
    DATASETS,
    DatasetFacts,
    check_readable,
    dataset_of,
    image_facts,
    load_dataset,
)
from nac.data.source import ImageFacts
from tests.builders import assert_says, input_error
from tests.data.examples import OFF

# How often scikit-learn's documentation says each digit occurs; every fifth is held out.
OCCURRENCES = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
HELD_OUT = [35, 36, 35, 36, 36, 36, 36, 35, 34, 36]


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


class TestDigits:
    def test_there_are_1442_to_train_and_355_to_test(self, digits):
        assert digits.train_images.shape == (1442, 8, 8, 1)
        assert digits.test_images.shape == (355, 8, 8, 1)
        assert (digits.train_labels.shape, digits.test_labels.shape) == ((1442,), (355,))

    def test_of_each_digit_one_in_five_is_held_out(self, digits):
        assert np.bincount(digits.test_labels).tolist() == HELD_OUT

    def test_the_others_are_for_training(self, digits):
        expected = np.subtract(OCCURRENCES, HELD_OUT).tolist()
        assert np.bincount(digits.train_labels).tolist() == expected

    def test_the_split_is_fixed(self, digits):
        # The first ten images are 0 to 9 in order, so the split begins with these.
        assert digits.train_labels[:12].tolist() == [*range(10), 0, 1]
        assert digits.test_labels[:12].tolist() == [5, 0, 9, 8, 7, 1, 2, 6, 3, 4, 0, 2]
        again = load_dataset("digits")
        np.testing.assert_array_equal(again.train_images, digits.train_images)
        np.testing.assert_array_equal(again.test_labels, digits.test_labels)

    def test_images_are_bytes_over_the_whole_range(self, digits):
        assert digits.train_images.dtype == np.uint8
        assert (digits.train_images.min(), digits.train_images.max()) == (0, 255)

    def test_labels_are_int32(self, digits):
        assert (digits.train_labels.dtype, digits.test_labels.dtype) == (np.int32, np.int32)

    def test_their_facts_are_those_of_the_table(self, digits):
        facts = DATASETS["digits"]
        assert (digits.image_shape, digits.classes) == (facts.image_shape, facts.classes)

    def test_their_bytes_are_those_that_were_compared_with_scikit_learn(self, digits):
        digest = hashlib.sha256()
        for array in (digits.train_images, digits.train_labels):
            digest.update(array.tobytes())
        for array in (digits.test_images, digits.test_labels):
            digest.update(array.tobytes())
        assert digest.hexdigest() == (
            "448e779b691a569e5afc9ebad393ae7b936530ccb669bd853a2c55230314782e"
        )

    def test_they_are_those_of_scikit_learn(self, digits):
        sklearn_datasets = pytest.importorskip("sklearn.datasets")
        theirs = sklearn_datasets.load_digits()
        split = {"train": [], "test": []}
        seen = dict.fromkeys(range(10), 0)
        for index, label in enumerate(theirs.target):
            seen[label] += 1
            split["test" if seen[label] % 5 == 0 else "train"].append(index)
        pixels = np.rint(theirs.images * 255 / 16)[..., np.newaxis]
        np.testing.assert_array_equal(digits.train_images, pixels[split["train"]])
        np.testing.assert_array_equal(digits.test_images, pixels[split["test"]])
        np.testing.assert_array_equal(digits.train_labels, theirs.target[split["train"]])
        np.testing.assert_array_equal(digits.test_labels, theirs.target[split["test"]])

    def test_they_have_no_directory(self):
        text = input_error(load_dataset, "digits", "somewhere")
        assert_says(text, "data_dir", "'digits'", "'somewhere'")


def test_an_unknown_data_set_is_an_error_that_suggests_one():
    text = input_error(load_dataset, "fashon_mnist")
    assert text == (
        "parameters.dataset: expected one of digits, fashion_mnist, cifar10, cifar100,"
        " imagenet2012, imagenet, tfds:..., folder:..., arrays:...,"
        " received 'fashon_mnist' (did you mean 'fashion_mnist'?)"
    )


@pytest.mark.parametrize("name", ["folder", "folder:", "tfds:", "digits:", "digits:x", "flder:x"])
def test_a_prefix_and_what_stands_behind_it_belong_together(name):
    text = input_error(check_readable, name, "e.yaml: parameters.dataset")
    assert_says(text, "e.yaml: parameters.dataset: expected one of", repr(name))


@pytest.mark.parametrize("name", ["imagenet", "tfds:mnist", "folder:/a:b"])
def test_names_are_readable_whether_or_not_the_data_are_there(name):
    assert check_readable(name, "--dataset") is None


@pytest.mark.parametrize(
    ("name", "image_size", "shape"),
    [
        ("cifar10", 40, (32, 32, 3)),
        ("imagenet", None, (224, 224, 3)),
        ("imagenet", 64, (64, 64, 3)),
        ("folder:", 64, None),
    ],
)
def test_image_size_is_a_shape_where_images_are_brought_to_it(name, image_size, shape):
    assert DATASETS[name].shape(image_size) == shape


def test_images_of_one_size_are_padded_to_image_size():
    assert load_dataset("digits", image_size=10).padded_side == 10


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"data_dir": "somewhere"}, "data_dir"),
        ({"validation_share": 0.001}, "validation_share"),
        ({"dataset": "folder:nowhere"}, "image_size"),
        ({"dataset": "tfds:Mnist"}, "dataset"),
        ({"dataset": "digit"}, "dataset"),
    ],
)
def test_a_message_about_a_key_begins_with_the_experiments_file(changes, key):
    parameters = Parameters(**{"dataset": "digits", **changes})
    experiment = Experiment("e.yaml", Recipe(parameters, None, OFF))
    assert input_error(dataset_of, experiment).startswith(f"e.yaml: parameters.{key}: ")


class TestImageFacts:
    def experiment(self, dataset, **parameters):
        values = Parameters(dataset=dataset, **parameters)
        return Experiment("e.yaml", Recipe(values, None, OFF))

    def test_known_ones_come_from_the_table(self):
        assert image_facts(self.experiment("cifar100")) == ImageFacts((32, 32, 3), 100)

    def test_others_come_from_the_data_sets_files(self):
        def look(request):
            assert (request.argument, request.data_dir, request.image_size) == ("x", "/there", 7)
            return ImageFacts((7, 7, 3), 5)

        DATASETS.register("seen:", DatasetFacts(load_dataset, look=look))
        try:
            facts = image_facts(self.experiment("seen:x", image_size=7), "/there")
        finally:
            DATASETS.unregister("seen:")
        assert facts == ImageFacts((7, 7, 3), 5)

    def test_a_data_set_that_only_reading_tells_about_is_refused(self):
        DATASETS.register("unseen", DatasetFacts(load_dataset))
        try:
            text = input_error(image_facts, self.experiment("unseen"))
        finally:
            DATASETS.unregister("unseen")
        assert_says(text, "e.yaml: parameters.dataset", "as there is a budget", "'unseen'")

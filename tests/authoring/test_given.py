"""Images and labels that a Python program gives."""

import numpy as np
import pytest
import tensorflow as tf

from nac.authoring.given import (
    dataset_digest,
    from_arrays,
    from_dataset,
    to_predict,
)
from tests.builders import assert_says, input_error

PIXELS = np.arange(2 * 4 * 4, dtype=np.uint8).reshape(2, 4, 4, 1)


def given(labels, class_names=()):
    return from_arrays(PIXELS, labels, class_names)


class TestPixels:
    @pytest.mark.parametrize(
        "x", [PIXELS, PIXELS[..., 0], PIXELS.astype(np.float32), PIXELS.astype(int)]
    )
    def test_numbers_from_0_to_255_of_any_type_are_taken(self, x):
        images = from_arrays(x, [0, 1]).images
        assert images.dtype == np.uint8
        np.testing.assert_array_equal(images, PIXELS)

    @pytest.mark.parametrize(
        ("x", "message"),
        [
            (PIXELS[0, :, :, 0], "expected images of shape"),
            (np.zeros((2, 4, 4, 2), np.uint8), "received (2, 4, 4, 2)"),
            (np.zeros((0, 4, 4, 1), np.uint8), "received (0, 4, 4, 1)"),
            (PIXELS - 200.0, "expected pixels from 0 to 255, received -200 to -169"),
            (PIXELS * 10.0, "received 0 to 310"),
            (np.full((2, 4, 4, 1), np.nan), "received nan to nan"),
            (PIXELS / 255.0, "give 255 * x"),
            (np.full((2, 4, 4, 1), "a"), "expected pixels as numbers"),
            ([[[1]], [[1, 2]]], "expected an array, or a list of entries of one shape"),
            (None, "received ()"),
        ],
    )
    def test_other_arrays_are_one_line(self, x, message):
        text = input_error(from_arrays, x, [0, 1])
        assert text.startswith("x: ")
        assert_says(text, message)


class TestLabels:
    @pytest.mark.parametrize(
        "y", [[1, 0], np.array([1.0, 0.0]), [[1], [0]], [[0, 1], [1, 0]], np.array([True, False])]
    )
    def test_numbers_and_one_hot_vectors_are_the_same(self, y):
        assert given(y).names.tolist() == ["1", "0"]

    @pytest.mark.parametrize("y", [["dog", "cat"], [b"dog", b"cat"]])
    def test_names_stay_as_they_are(self, y):
        assert given(y).names.tolist() == ["dog", "cat"]
        assert given(y).class_names == ("cat", "dog")

    def test_numbers_are_in_the_order_of_their_values(self):
        pixels = np.zeros((3, 4, 4), np.uint8)
        assert from_arrays(pixels, [10, 9, 1]).class_names == ("1", "9", "10")

    def test_class_names_name_the_numbers(self):
        found = given([1, 0], ["cat", "dog", "emu"])
        assert found.names.tolist() == ["dog", "cat"]
        assert found.class_names == ("cat", "dog", "emu")

    @pytest.mark.parametrize(
        ("y", "message"),
        [
            ([0], "expected a label for each of 2 images, received 1"),
            (0, "expected a label for each of 2 images, received a single one"),
            (None, "expected the class of each image, received None"),
            ([[0], [1, 2]], "expected an array, or a list of entries of one shape"),
            ([None, None], "expected classes as names or numbers >= 0, received None"),
            ([np.nan, 1], "expected classes as names or numbers >= 0, received nan"),
            ([[0, np.nan], [1, 0]], "expected one-hot vectors, a single 1 and zeros, received"),
            ([[1, 1], [1, 0]], "expected one-hot vectors, a single 1 and zeros, received [1, 1]"),
            ([[0, 0], [1, 0]], "received [0, 0]"),
            ([["a", "b"], ["a", "b"]], "received ['a', 'b']"),
            (["", "a"], "expected a text of 1 to 1,000 characters, received ''"),
            (np.array([b"\xff", b"a"]), "expected names of classes in UTF-8"),
            ([0.5, 1], "expected classes as names or numbers >= 0"),
            ([-1, 1], "expected classes as names or numbers >= 0"),
            (np.zeros((2, 2, 2)), "received labels of shape (2, 2, 2)"),
        ],
    )
    def test_other_labels_are_one_line(self, y, message):
        text = input_error(given, y)
        assert text.startswith("y: ")
        assert_says(text, message)

    def test_numbers_may_be_objects(self):
        assert given(np.array([1, 0], object)).names.tolist() == ["1", "0"]

    def test_a_name_beyond_the_class_names_is_an_error(self):
        text = input_error(given, ["cat", "emu"], ["cat", "dog"])
        assert text == "y: expected only the classes cat, dog, received 'emu'"

    def test_a_number_beyond_the_class_names_is_an_error(self):
        assert_says(input_error(given, [0, 2], ["cat", "dog"]), "from 0 to 1", "received 2")


class TestToPredict:
    @pytest.mark.parametrize(
        "shape", [(2, 8, 8), (2, 8, 8, 1), (1, 8, 8, 2), (1, 8, 8, 3), (1, 8, 8, 4)]
    )
    def test_batches_are_taken(self, shape):
        pixels = to_predict(np.full(shape, 7.0))
        assert (pixels.dtype, pixels.shape[:3], pixels.max()) == (np.uint8, shape[:3], 7)

    @pytest.mark.parametrize("shape", [(8, 8), (8, 8, 3), (8, 8, 1)])
    def test_a_single_image_is_refused(self, shape):
        text = input_error(to_predict, np.zeros(shape, np.uint8))
        assert_says(text, "x: expected a batch", f"{shape}; if it is a single image, give x[np.ne")

    @pytest.mark.parametrize(
        ("x", "message"),
        [
            (np.zeros((1, 0, 8, 3)), "x: expected images of shape"),
            (np.full((1, 8, 8, 3), np.nan), "x: expected pixels from 0 to 255, received nan"),
            (np.full((1, 8, 8, 3), 0.5), "give 255 * x"),
            ([PIXELS, "a.png"], "x: expected an array"),
        ],
    )
    def test_what_are_no_images_is_one_line(self, x, message):
        assert_says(input_error(to_predict, x), message)


def test_the_same_arrays_have_the_same_digest():
    assert given([0, 1]).digest == given([0, 1]).digest
    assert given([0, 1]).digest != given([1, 0]).digest
    assert given([0, 1]).digest != from_arrays(PIXELS + 1, [0, 1]).digest


class TestDatasets:
    @pytest.mark.parametrize("batch", [None, 1, 2])
    def test_batches_and_single_images_are_taken(self, batch):
        dataset = tf.data.Dataset.from_tensor_slices((PIXELS, [3, 4]))
        found = from_dataset(dataset.batch(batch) if batch else dataset)
        np.testing.assert_array_equal(found.images, PIXELS)
        assert found.names.tolist() == ["3", "4"]

    def test_names_of_classes_are_those_of_the_dataset(self):
        dataset = tf.data.Dataset.from_tensor_slices((PIXELS, [0, 1])).batch(2)
        dataset.class_names = ["cat", "dog"]
        assert from_dataset(dataset).names.tolist() == ["cat", "dog"]

    def test_images_of_several_sizes_are_stretched(self):
        def images():
            yield np.zeros((300, 200, 3), np.uint8), 0
            yield np.zeros((10, 20, 3), np.uint8), 1

        signature = (tf.TensorSpec((None, None, 3), tf.uint8), tf.TensorSpec((), tf.int32))
        dataset = tf.data.Dataset.from_generator(images, output_signature=signature)
        assert from_dataset(dataset).images.shape == (2, 224, 224, 3)

    def test_an_endless_one_is_an_error(self):
        dataset = tf.data.Dataset.from_tensor_slices((PIXELS, [0, 1])).repeat()
        assert_says(input_error(from_dataset, dataset), "dataset: expected images that end")

    def test_one_without_labels_is_an_error(self):
        dataset = tf.data.Dataset.from_tensor_slices(PIXELS)
        assert_says(input_error(from_dataset, dataset), "expected elements (image, label)")

    def test_one_with_fewer_labels_than_images_is_an_error(self):
        dataset = tf.data.Dataset.from_tensors((PIXELS, [0]))
        assert_says(input_error(from_dataset, dataset), "for each of 2 images, received 1")

    def test_an_empty_one_is_an_error(self):
        dataset = tf.data.Dataset.from_tensor_slices((PIXELS, [0, 1])).take(0)
        assert_says(input_error(from_dataset, dataset), "expected images, received none")

    def test_the_order_does_not_change_its_digest(self):
        dataset = tf.data.Dataset.from_tensor_slices((PIXELS, [0, 1]))
        assert dataset_digest(dataset) == dataset_digest(dataset.shuffle(2))
        assert dataset_digest(dataset) != dataset_digest(dataset.take(1))

"""Images in memory, and which of them are held out for validation."""

import numpy as np
import pytest

from nac.config.splits import TEST, VALIDATION
from nac.data.datasets import load_dataset
from nac.data.images import choose_validation, side_before_crop, with_validation_split
from nac.data.source import TRAIN
from tests.builders import assert_says, input_error
from tests.data.examples import labels_of, numbered


def test_of_each_class_the_share_is_chosen_evenly():
    labels = np.array([0, 0, 1, 0, 0, 1, 1, 1, 1, 1])
    # Class 0 has indices 0, 1, 3, 4, of which a half takes the second and fourth; so of class 1.
    expected = [False, True, False, False, True, True, False, True, False, True]
    assert choose_validation(labels, 0.5).tolist() == expected


@pytest.mark.parametrize(("share", "number"), [(0.1, 10), (0.2, 20), (0.3, 30), (0.29, 29)])
def test_the_share_is_exact_in_spite_of_rounding(share, number):
    assert choose_validation(np.zeros(100), share).sum() == number


def test_no_share_changes_nothing():
    source = numbered(4)
    assert with_validation_split(source, 0.0) is source


def test_every_training_image_is_in_one_of_the_two_splits():
    whole, parted = load_dataset("digits"), load_dataset("digits", validation_share=0.2)
    pixels = np.concatenate([parted.train_images, parted.validation_images])
    assert len(parted.validation_labels) == 285  # the sum over classes of floor(n / 5)
    assert sorted(map(bytes, pixels)) == sorted(map(bytes, whole.train_images))


def test_the_test_images_stay():
    whole, parted = load_dataset("digits"), load_dataset("digits", validation_share=0.2)
    np.testing.assert_array_equal(whole.test_images, parted.test_images)


def test_the_validation_images_come_as_evaluation_batches():
    source = load_dataset("digits", validation_share=0.2)
    labels = labels_of(source.evaluation_batches(VALIDATION, 95))
    assert labels == source.validation_labels.tolist()


def test_a_data_set_that_is_too_small_is_refused():
    # Each of its four images is the only one of its class.
    assert_says(
        input_error(with_validation_split, numbered(4), 0.2), "validation_share", "0.2 of 4"
    )


def test_a_streamed_data_set_is_refused():
    assert_says(
        input_error(with_validation_split, object(), 0.2),
        "expected 0 for a data set that is streamed",
    )


def test_a_message_names_the_experiments_file():
    text = input_error(with_validation_split, numbered(4), 0.2, "e.yaml: parameters.")
    assert text.startswith("e.yaml: parameters.validation_share: expected")


@pytest.mark.parametrize(("split", "labels"), [(TRAIN, [0, 1, 2, 3]), (TEST, [0, 1])])
def test_the_images_of_each_split_can_be_evaluated(split, labels):
    assert labels_of(numbered(4, test=2).evaluation_batches(split, 2)) == labels


def test_resized_images_are_padded_to_five_quarters_of_their_side():
    assert side_before_crop(32) == 40


def test_pixels_of_images_are_those_of_the_split_at_their_positions():
    found = list(numbered(4, test=3).pixels(TEST, [0, 2]))
    assert [position for position, _ in found] == [0, 2]
    for position, pixels in found:
        np.testing.assert_array_equal(pixels, numbered(4, test=3).test_images[position])

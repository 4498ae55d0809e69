"""The fingerprint of a data set."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from nac.data import fingerprint as module
from nac.data import rows
from nac.data.datasets import load_dataset
from nac.data.fingerprint import fingerprint, is_plain
from nac.data.imagenet_images import inception
from nac.data.preparation import prepare_like_images
from nac.data.stream import Stream
from tests.data.examples import numbered

IMAGES = numbered(train=3, test=2)


class Records:
    """Encoded examples of a stream."""

    def __init__(self, *records):
        self._records = records

    def ordered(self):
        return tf.data.Dataset.from_tensor_slices(list(self._records))


def stream(records=("a", "b"), preparation=None, train_examples=2):
    examples = Records(*records)
    preparation = preparation or prepare_like_images((2, 2, 1), True, None)
    return Stream((2, 2, 1), 2, train_examples, examples, examples, lambda one: one, preparation)


def changed(name, position):
    values = np.array(getattr(IMAGES, name))
    values[position] += 1
    return replace(IMAGES, **{name: values})


def test_equal_images_have_the_same_fingerprint():
    assert fingerprint(IMAGES) == fingerprint(numbered(train=3, test=2))


@pytest.mark.parametrize("name", ["train_images", "train_labels", "test_images", "test_labels"])
def test_every_image_and_label_counts(name):
    assert fingerprint(changed(name, -1)) != fingerprint(IMAGES)


def test_images_that_are_held_out_count():
    assert fingerprint(load_dataset("digits", validation_share=0.2)) != fingerprint(
        load_dataset("digits")
    )


def test_of_images_that_do_not_fit_into_memory_the_first_ones_count(monkeypatch):
    monkeypatch.setattr(rows, "MEMORY_LIMIT", 1)
    monkeypatch.setattr(module, "RECORDS", 2)
    assert fingerprint(changed("train_images", 1)) != fingerprint(IMAGES)
    assert fingerprint(changed("train_images", 2)) == fingerprint(IMAGES)


def test_it_says_what_was_hashed():
    kind, _, digits = fingerprint(IMAGES).partition(":")
    assert kind == "images"
    assert len(digits) == 16
    int(digits, 16)
    assert fingerprint(stream()).startswith("records:")


def test_the_records_of_a_stream_and_their_number_count():
    prints = {
        fingerprint(stream()),
        fingerprint(stream(("a", "c"))),
        fingerprint(stream(train_examples=3)),
    }
    assert len(prints) == 3
    assert fingerprint(stream()) in prints


def test_images_in_memory_and_resized_ones_are_plain_but_not_imagenet():
    assert is_plain(IMAGES)
    assert is_plain(stream())
    assert not is_plain(stream(preparation=inception(8)))

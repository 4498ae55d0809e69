"""Streams: batches as functions of the step, from files that are read as they are needed."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from nac.config.splits import TEST
from nac.config.training import Augmentation
from nac.data.pipeline import PADDING_LABEL
from nac.data.preparation import no_boxes, prepare_like_images
from nac.data.source import TRAIN
from nac.data.stream import Records, Stream
from tests.data.examples import OFF, assert_same_batches, labels_of, only
from tests.data.prepared_sets import write_records

SHAPE = (2, 2, 1)


def decode(record):
    """Return an image whose value and label are the byte in the record."""
    number = tf.io.decode_raw(record, tf.uint8)[0]
    return tf.fill(SHAPE, number), no_boxes(), tf.cast(number, tf.int32)


@pytest.fixture
def stream(tmp_path):
    """A stream of 12 training images in 4 files and 5 test images in 2."""
    train = [
        write_records(tmp_path / f"train-{i}", [bytes([3 * i + j]) for j in range(3)])
        for i in range(4)
    ]
    test = [
        write_records(tmp_path / "test-0", [b"\0", b"\1", b"\2"]),
        write_records(tmp_path / "test-1", [b"\3", b"\4"]),
    ]
    records = [Records(tuple(map(str, files))) for files in (train, test)]
    return Stream(SHAPE, 12, 12, *records, decode, prepare_like_images(SHAPE, False, None))


def training(stream, size, steps, augmentation=OFF, **options):
    batches = stream.training_batches(steps, size, augmentation, **options)
    return [(images.numpy(), labels.numpy()) for images, labels in batches]


class TestTraining:
    def test_an_epoch_has_every_image_once(self, stream):
        labels = labels_of(training(stream, 4, range(3)))
        assert sorted(labels) == list(range(12))
        assert labels != list(range(12))

    def test_files_and_records_are_shuffled(self, stream):
        epochs = np.reshape(labels_of(training(stream, 12, range(20))), (20, 12))
        assert len(set(epochs[:, 0] // 3)) > 1
        assert len(set(epochs[:, 0] % 3)) > 1

    def test_the_next_epoch_is_another_order(self, stream):
        labels = labels_of(training(stream, 4, range(6)))
        assert sorted(labels[12:]) == list(range(12))
        assert labels[12:] != labels[:12]

    @pytest.mark.parametrize("start", [1, 2, 3, 4])
    def test_to_begin_at_a_step_is_to_skip_those_before(self, stream, start):
        whole = training(stream, 5, range(6), Augmentation(crop=False))
        rest = training(stream, 5, range(start, 6), Augmentation(crop=False))
        assert_same_batches(rest, whole[start:])

    def test_another_seed_gives_another_order(self, stream):
        first, second = (labels_of(training(stream, 12, range(1), seed=seed)) for seed in (0, 1))
        assert sorted(first) == sorted(second)
        assert first != second

    def test_tensorflows_global_seed_does_not_matter(self, stream):
        whole = training(stream, 4, range(3))
        for seed in (1, 2):
            tf.random.set_seed(seed)
            assert_same_batches(training(stream, 4, range(3)), whole)

    def test_each_image_augments_apart(self, stream):
        ((images, labels),) = training(stream, 12, range(1), only(brightness=5.0))
        shifts = images[:, 0, 0, 0] - labels
        assert len(np.unique(shifts)) == 12
        assert np.abs(shifts).max() <= 5.0

    def test_labels_belong_to_their_images(self, stream):
        for images, labels in training(stream, 4, range(3)):
            np.testing.assert_array_equal(images[:, 0, 0, 0], labels)

    def test_replicas_see_together_what_one_sees(self, stream):
        alone = training(stream, 4, range(3), Augmentation(crop=False))
        parts = training(stream, 4, range(3), Augmentation(crop=False), replicas=2)
        pairs = zip(parts[::2], parts[1::2], strict=True)
        together = [tuple(map(np.concatenate, zip(*pair, strict=True))) for pair in pairs]
        assert_same_batches(together, alone)

    @pytest.mark.parametrize("own", [range(2), range(2, 4), range(3, 4)])
    def test_a_process_gets_the_parts_of_its_own_replicas(self, stream, own):
        parts = training(stream, 4, range(3), Augmentation(crop=False), replicas=4)
        mine = training(stream, 4, range(3), Augmentation(crop=False), replicas=4, own=own)
        assert_same_batches(mine, [part for i, part in enumerate(parts) if i % 4 in own])

    def test_a_process_does_not_decode_the_images_of_others(self, stream):
        decoded = []

        def noted(record):
            image, boxes, label = decode(record)
            number = tf.numpy_function(lambda x: decoded.append(int(x)) or x, [label], tf.int32)
            return image, boxes, tf.ensure_shape(number, ())

        training(replace(stream, decode=noted), 4, range(3), replicas=2, own=range(1))
        assert len(decoded) == 3 * 2

    def test_shapes_are_known_before_the_first_batch(self, stream):
        images, labels = stream.training_batches(range(1), 4, OFF, replicas=2).element_spec
        assert (images.shape, labels.shape) == ((2, 2, 2, 1), (2,))


class TestEvaluation:
    @pytest.mark.parametrize(
        ("own", "expected"), [(range(1), [0, 1, 4, -1]), (range(1, 2), [2, 3, -1, -1])]
    )
    def test_a_process_gets_the_parts_of_its_own_replicas(self, stream, own, expected):
        batches = stream.evaluation_batches(TEST, 4, replicas=2, own=own)
        assert labels_of(batches) == expected

    @pytest.mark.parametrize("replicas", [1, 2])
    def test_every_image_comes_once_in_order_then_padding(self, stream, replicas):
        batches = stream.evaluation_batches(TEST, 4, replicas=replicas)
        labels = np.concatenate([labels for _, labels in batches]).tolist()
        assert labels == [0, 1, 2, 3, 4] + 3 * [PADDING_LABEL]

    def test_all_batches_have_the_same_size(self, stream):
        batches = stream.evaluation_batches(TEST, 4)
        assert [images.shape for images, _ in batches] == [(4, *SHAPE)] * 2

    def test_images_are_standardized_if_training_images_are(self, stream):
        (batch,) = stream.evaluation_batches(TEST, 5)
        np.testing.assert_array_equal(batch[0], np.zeros((5, *SHAPE)))

    def test_training_images_can_be_evaluated_too(self, stream):
        labels = labels_of(stream.evaluation_batches(TRAIN, 4))
        assert labels == list(range(12))


class TestPixels:
    def test_they_are_those_of_the_images_at_their_positions(self, stream):
        found = [(position, int(pixels.max())) for position, pixels in stream.pixels(TEST, [1, 3])]
        assert found == [(1, 1), (3, 3)]

    def test_they_are_as_decoded(self, stream):
        ((_, pixels),) = stream.pixels(TRAIN, [7])
        np.testing.assert_array_equal(pixels, np.full(SHAPE, 7, np.uint8), strict=True)

    def test_no_positions_have_none(self, stream):
        assert list(stream.pixels(TEST, [])) == []

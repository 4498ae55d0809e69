"""Batches as functions of the step, for training and evaluation."""

import numpy as np
import pytest

from nac.config import Augmentation
from nac.data.pipeline import PADDING_LABEL, evaluation_batches, training_batches
from tests.data.examples import OFF, assert_same_batches, labels_of, numbered, only


def training(images, batch_size, steps, augmentation=OFF, padded_side=None, **options):
    """Return [(pixels, labels), ...] of some steps."""
    arrays = images.train_images, images.train_labels
    batches = training_batches(*arrays, steps, batch_size, augmentation, padded_side, **options)
    return [(pixels.numpy(), labels.numpy()) for pixels, labels in batches]


class TestTraining:
    def test_there_is_a_batch_per_step(self):
        batches = training(numbered(10), 4, range(3))
        assert [(p.shape, x.shape) for p, x in batches] == [((4, 2, 2, 1), (4,))] * 3

    def test_an_epoch_is_a_permutation_of_the_images(self):
        labels = labels_of(training(numbered(12), 4, range(3)))
        assert sorted(labels) == list(range(12))
        assert labels != list(range(12))

    def test_the_next_epoch_is_another_permutation(self):
        labels = labels_of(training(numbered(12), 4, range(6)))
        assert sorted(labels[12:]) == list(range(12))
        assert labels[12:] != labels[:12]

    def test_a_batch_may_span_two_epochs(self):
        labels = labels_of(training(numbered(10), 4, range(5)))
        assert sorted(labels[:10]) == sorted(labels[10:]) == list(range(10))

    def test_a_batch_may_be_larger_than_the_data_set(self):
        labels = labels_of(training(numbered(3), 7, range(3)))
        assert [sorted(labels[i : i + 3]) for i in range(0, 21, 3)] == [[0, 1, 2]] * 7

    def test_one_image_is_enough(self):
        assert labels_of(training(numbered(1), 2, range(2))) == [0, 0, 0, 0]

    def test_labels_belong_to_their_images(self):
        for pixels, labels in training(numbered(12), 4, range(3)):
            np.testing.assert_array_equal(pixels[:, 0, 0, 0], labels)

    def test_to_begin_at_a_step_is_to_skip_those_before(self):
        images = numbered(10)
        whole = training(images, 4, range(6), Augmentation(), 4)
        assert_same_batches(training(images, 4, range(2, 6), Augmentation(), 4), whole[2:])

    def test_another_seed_gives_another_order(self):
        first, second = (labels_of(training(numbered(12), 4, range(3), seed=s)) for s in (0, 1))
        assert sorted(first) == sorted(second)
        assert first != second

    def test_another_seed_gives_other_augmentation(self):
        first, second = (
            training(numbered(1), 4, range(1), only(brightness=63.0), seed=seed) for seed in (0, 1)
        )
        assert not np.array_equal(first[0][0], second[0][0])

    def test_each_step_augments_apart(self):
        first, second = training(numbered(1), 4, range(2), only(brightness=63.0))
        assert not np.array_equal(first[0], second[0])

    @pytest.mark.parametrize("replicas", [2, 4])
    def test_replicas_see_together_what_one_sees(self, replicas):
        images = numbered(10)
        alone = training(images, 4, range(3), Augmentation(), 4)
        parts = training(images, 4, range(3), Augmentation(), 4, replicas=replicas)
        assert len(parts) == 3 * replicas
        groups = [parts[i : i + replicas] for i in range(0, len(parts), replicas)]
        together = [tuple(map(np.concatenate, zip(*group, strict=True))) for group in groups]
        assert_same_batches(together, alone)

    @pytest.mark.parametrize("own", [range(2), range(2, 4), range(3, 4)])
    def test_a_process_gets_the_parts_of_its_own_replicas(self, own):
        images = numbered(10)
        parts = training(images, 4, range(3), Augmentation(), 4, replicas=4)
        mine = training(images, 4, range(3), Augmentation(), 4, replicas=4, own=own)
        assert_same_batches(mine, [part for i, part in enumerate(parts) if i % 4 in own])

    def test_shapes_are_known_before_the_first_batch(self):
        images = numbered(10)
        batches = training_batches(
            images.train_images, images.train_labels, range(3), 4, Augmentation(), 4, replicas=2
        )
        pixels, labels = batches.element_spec
        assert (pixels.shape, labels.shape) == ((2, 2, 2, 1), (2,))


def evaluation(count, batch_size, **options):
    images = numbered(1, test=count)
    batches = evaluation_batches(
        images.test_images, images.test_labels, batch_size, standardize=False, **options
    )
    return [(pixels.numpy(), labels.numpy()) for pixels, labels in batches]


class TestEvaluation:
    @pytest.mark.parametrize(("own", "expected"), [(range(1), [0, 1]), (range(1, 2), [2, -1])])
    def test_a_process_gets_the_parts_of_its_own_replicas(self, own, expected):
        assert labels_of(evaluation(3, 4, replicas=2, own=own)) == expected

    @pytest.mark.parametrize("replicas", [1, 2])
    def test_every_image_comes_once_in_order_then_padding(self, replicas):
        labels = labels_of(evaluation(10, 4, replicas=replicas))
        assert labels == [*range(10), PADDING_LABEL, PADDING_LABEL]

    def test_without_a_rest_there_is_no_padding(self):
        assert labels_of(evaluation(8, 4)) == list(range(8))

    def test_all_batches_have_the_same_size(self):
        assert [pixels.shape for pixels, _ in evaluation(10, 4)] == [(4, 2, 2, 1)] * 3

    def test_a_batch_may_be_larger_than_the_data_set(self):
        assert labels_of(evaluation(2, 5)) == [0, 1, -1, -1, -1]

    def test_labels_belong_to_their_images(self):
        pixels = np.concatenate([pixels for pixels, _ in evaluation(10, 4)])
        assert pixels[:10, 1, 1, 0].tolist() == list(range(10))

    def test_replicas_have_equal_parts_in_turn(self):
        parts = evaluation(10, 4, replicas=2)
        assert [labels.tolist() for _, labels in parts[:3]] == [[0, 1], [2, 3], [4, 5]]

    def test_images_are_standardized_if_training_images_are(self):
        images = np.array([0, 2, 4, 2], np.uint8).reshape(1, 2, 2, 1)
        labels = np.zeros(1, np.int32)
        (batch,) = evaluation_batches(images, labels, 1)
        expected = np.array([-1.0, 0.0, 1.0, 0.0]) * np.sqrt(2.0)
        np.testing.assert_allclose(np.ravel(batch[0]), expected, rtol=1e-5)

    def test_images_that_are_not_standardized_stay_as_they_are(self):
        for pixels, labels in evaluation(8, 4):
            np.testing.assert_array_equal(pixels[:, 0, 0, 0], labels)

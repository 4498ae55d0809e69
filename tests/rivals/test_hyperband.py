"""How the search by Hyperband is fitted into its time, and its batches."""

import numpy as np
import pytest

pytest.importorskip("keras_tuner")

from nac.rivals.hyperband import BATCH_SIZE, Samples, epoch_seconds, longest_training


@pytest.mark.parametrize(
    ("epochs", "longest"),
    # 9 * log3(9)^2 = 36 and 10 * log3(10)^2 = 43.9; 100 is the most.
    [(0, 3), (35, 8), (36.01, 9), (43, 9), (1e9, 100)],
)
def test_one_iteration_of_hyperband_fits_into_the_time(epochs, longest):
    assert longest_training(epochs) == longest


@pytest.mark.parametrize(
    ("once", "seconds"),
    [(0.5, 5.0), (15.0, 15.0), (60.0, 20.0)],
    ids=["longer than its start", "all images", "40 epochs in all"],
)
def test_the_length_of_an_epoch(once, seconds):
    assert epoch_seconds(800.0, 5.0, once) == seconds


def samples(examples, batches):
    return Samples(np.arange(examples).reshape(-1, 1), np.arange(examples), batches)


def drawn(data):
    batches = [data[index] for index in range(len(data))]
    for images, labels in batches:
        assert images[:, 0].tolist() == labels.tolist()
    return np.concatenate([labels for _, labels in batches]).tolist()


def test_an_epoch_of_some_batches_has_no_image_twice():
    labels = drawn(samples(1000, 3))
    assert len(labels) == len(set(labels)) == 3 * BATCH_SIZE


def test_a_long_epoch_has_each_image_equally_often():
    labels = drawn(samples(BATCH_SIZE, 2))
    assert sorted(labels) == sorted([*range(BATCH_SIZE)] * 2)


def test_each_epoch_has_an_order_of_its_own():
    data = samples(1000, 3)
    first = drawn(data)
    data.on_epoch_end()
    assert drawn(data) != first

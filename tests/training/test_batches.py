"""Batches on the devices of a strategy; those for several replicas are in test_two_replicas.py."""

import numpy as np
import pytest
import tensorflow as tf

from nac.data.images import Images, with_validation_split
from nac.training.batches import Batches
from tests.data.examples import OFF, numbered, only, recipe


@pytest.mark.parametrize("ask", [lambda b: b.training(0, 1), lambda b: b.evaluation()])
def test_no_tuning_thread_has_to_be_waited_for(ask):
    strategy = tf.distribute.OneDeviceStrategy("CPU:0")
    batches = ask(Batches(numbered(4), recipe(2, OFF), strategy))
    assert batches.options().autotune.enabled is False


@pytest.mark.parametrize(
    ("parameters", "flip", "count"),
    [
        ({}, False, 3),  # 5 test images in batches of 2
        ({"score_flipped": True}, False, 3),
        ({"score_flipped": True}, True, 3 + 2 * 3),
        ({"validation_share": 0.5}, False, 1 + 3),  # 1 of 3 images of each of 2 classes is held out
        ({"validation_share": 0.5, "score_flipped": True}, True, 1 + 3 + 2 * 3),
        ({"validation_share": 0.5, "score_test": False}, False, 1),
        ({"validation_share": 0.5, "score_test": False, "score_flipped": True}, True, 1 + 2 * 1),
    ],
)
def test_the_evaluations_at_the_end_have_a_number_of_batches(parameters, flip, count):
    pixels, labels = np.zeros((6, 2, 2, 1), np.uint8), np.arange(6, dtype=np.int32) % 2
    images = Images(pixels, labels, pixels[:5], labels[:5], classes=2)
    images = with_validation_split(images, parameters.get("validation_share", 0.0))
    asked = recipe(2, only(flip=flip), **parameters)
    strategy = tf.distribute.OneDeviceStrategy("CPU:0")
    assert Batches(images, asked, strategy).final_evaluation() == count


def test_the_evaluation_of_a_stream_is_taken_for_a_fifth_of_its_training_images():
    class Stream:
        train_examples = 100

        def evaluation_batches(self, split, batch_size):
            return tf.data.Dataset.range(7).filter(lambda number: number > 0)

    strategy = tf.distribute.OneDeviceStrategy("CPU:0")
    assert Batches(Stream(), recipe(10), strategy).final_evaluation() == 2

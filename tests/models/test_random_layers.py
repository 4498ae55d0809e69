"""Layers that draw random numbers: dropout and cutout."""

import numpy as np
import pytest
import tensorflow as tf

from nac.models.layers import Cutout, Dropout

ONES = np.ones((2, 10, 10, 3), "float32")
SIDES = (6, 5)
HOLE = 3


def drawn(layer, inputs=ONES):
    return layer(inputs, training=True).numpy()


class TestDropout:
    def test_outside_training_the_output_is_the_input(self):
        layer = Dropout(0.5)
        np.testing.assert_array_equal(layer(ONES, training=False), ONES)
        np.testing.assert_array_equal(layer(ONES), ONES)

    def test_rate_0_drops_nothing(self):
        np.testing.assert_array_equal(drawn(Dropout(0.0)), ONES)

    def test_the_rate_is_the_share_of_values_that_are_dropped(self):
        outputs = drawn(Dropout(0.2), np.ones((1, 100, 100, 1), "float32"))
        assert np.mean(outputs == 0.0) == pytest.approx(0.2, abs=0.02)

    def test_values_that_stay_are_scaled_up(self):
        outputs = drawn(Dropout(0.2))
        np.testing.assert_allclose(outputs[outputs != 0.0], 1.25, rtol=1e-6)

    def test_images_and_channels_are_thinned_apart(self):
        outputs = drawn(Dropout(0.5))
        assert not np.array_equal(outputs[0], outputs[1])
        assert not np.array_equal(outputs[..., 0], outputs[..., 1])

    def test_each_call_drops_others(self):
        layer = Dropout(0.5)
        assert not np.array_equal(drawn(layer), drawn(layer))

    def test_each_seed_drops_others(self):
        assert not np.array_equal(drawn(Dropout(0.5, seed=1)), drawn(Dropout(0.5, seed=2)))

    def test_the_same_seed_drops_the_same(self):
        np.testing.assert_array_equal(drawn(Dropout(0.5, seed=1)), drawn(Dropout(0.5, seed=1)))

    def test_restoring_the_call_counter_repeats_the_sequence(self):
        layer = Dropout(0.5)
        drawn(layer)
        state = layer.calls.numpy()
        first = [drawn(layer) for _ in range(3)]
        layer.calls.assign(state)
        np.testing.assert_array_equal([drawn(layer) for _ in range(3)], first)

    def test_the_counter_counts_training_calls_alone(self):
        layer = Dropout(0.5)
        for training in (True, False, True):
            layer(ONES, training=training)
        assert layer.calls.numpy() == 2

    def test_the_counter_is_not_trainable(self):
        layer = Dropout(0.5)
        layer.build(ONES.shape)
        assert layer.trainable_variables == []
        assert [v.name for v in layer.non_trainable_variables] == ["calls"]

    def test_a_compiled_function_goes_on_with_the_sequence(self):
        layer, eager = Dropout(0.5), Dropout(0.5)
        layer.build(ONES.shape)
        compiled = tf.function(lambda x: layer(x, training=True))
        for _ in range(2):
            np.testing.assert_array_equal(compiled(ONES), drawn(eager))


@pytest.fixture(scope="module")
def holes():
    """Return where 200 images of 6x5 pixels have their hole of 3x3, (200, 6, 5)."""
    layer = Cutout(HOLE)
    images = np.ones((1, *SIDES, 1), "float32")
    return np.array([drawn(layer, images)[0, :, :, 0] == 0.0 for _ in range(200)])


def covered(hole, axis):
    """Return the rows (axis 0) or columns (axis 1) that a hole covers."""
    return np.flatnonzero(hole.any(axis=1 - axis))


class TestCutout:
    def test_outside_training_the_output_is_the_input(self):
        layer = Cutout(HOLE)
        np.testing.assert_array_equal(layer(ONES, training=False), ONES)
        np.testing.assert_array_equal(layer(ONES), ONES)

    def test_the_hole_is_one_rectangle(self, holes):
        for hole in holes:
            rows, columns = hole.any(axis=1), hole.any(axis=0)
            np.testing.assert_array_equal(hole, rows[:, np.newaxis] & columns)

    @pytest.mark.parametrize("axis", [0, 1])
    def test_the_hole_has_its_size_or_ends_at_the_border(self, holes, axis):
        for hole in holes:
            pixels = covered(hole, axis)
            end = min(pixels[0] + HOLE, SIDES[axis])
            np.testing.assert_array_equal(pixels, np.arange(pixels[0], end))

    @pytest.mark.parametrize("axis", [0, 1])
    def test_the_hole_begins_at_every_pixel(self, holes, axis):
        assert {covered(hole, axis)[0] for hole in holes} == set(range(SIDES[axis]))

    def test_all_images_and_channels_have_the_same_hole(self):
        images = drawn(Cutout(HOLE))
        np.testing.assert_array_equal(images, np.broadcast_to(images[:1, ..., :1], images.shape))

    def test_pixels_outside_the_hole_keep_their_value(self):
        images = np.arange(1.0, 301.0, dtype="float32").reshape(1, 10, 10, 3)
        outputs = drawn(Cutout(4), images)
        np.testing.assert_array_equal(outputs[outputs != 0.0], images[outputs != 0.0])

    def test_each_call_cuts_elsewhere(self, holes):
        assert len({hole.tobytes() for hole in holes[:10]}) > 1

    def test_restoring_the_call_counter_repeats_the_sequence(self):
        layer = Cutout(2)
        first = [drawn(layer) for _ in range(4)]
        layer.calls.assign(0)
        np.testing.assert_array_equal([drawn(layer) for _ in range(4)], first)

    def test_a_hole_larger_than_the_image_reaches_its_end(self):
        hole = drawn(Cutout(100))[0, :, :, 0] == 0.0
        assert hole[-1, -1]
        assert covered(hole, 0)[-1] == 9

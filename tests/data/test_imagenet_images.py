"""ImageNet's preparation: crop, flip, colors and scale, each on its own."""

import numpy as np
import pytest
import tensorflow as tf

from nac.config.training import Augmentation
from nac.data.imagenet_images import distort_colors, inception
from nac.data.preparation import no_boxes
from tests.data.examples import only
from tests.data.image_files import image

WHOLE = np.array([[[0.0, 0.0, 1.0, 1.0]]], np.float32)


def train(pixels, augmentation, seed=0, side=8, boxes=None):
    boxes = no_boxes() if boxes is None else boxes
    return inception(side).train(tf.constant(pixels), boxes, augmentation, (seed, 0)).numpy()


def evaluate(pixels, side=8):
    return inception(side).test(tf.constant(pixels), True).numpy()


def halves(height=16, width=16):
    """Return an image that is black on the left and white on the right."""
    pixels = image(0, height, width, 3)
    pixels[:, width // 2 :] = 255
    return pixels


class TestScale:
    def test_black_is_minus_one_and_white_one(self):
        assert evaluate(image(0, 9, 9, 3)).max() == -1.0
        assert evaluate(image(255, 9, 9, 3)).min() == 1.0

    def test_training_images_have_it_too(self):
        result = train(image(51, 9, 9, 3), only(crop=True))
        np.testing.assert_allclose(result, np.full((8, 8, 3), 2 * 0.2 - 1), atol=1e-6)


class TestEvaluation:
    def test_the_middle_seven_eighths_of_each_side_remain(self):
        pixels = image(0, 16, 16, 3)
        pixels[1:15, 1:15] = 255
        assert evaluate(pixels, side=14).min() == 1.0
        pixels[1, 1:15] = 0
        assert evaluate(pixels, side=14)[0].max() == -1.0

    def test_images_of_any_shape_become_squares(self):
        assert evaluate(image(3, 30, 11, 3)).shape == (8, 8, 3)

    def test_nothing_is_random(self):
        pixels = np.random.default_rng(0).integers(0, 256, (20, 20, 3)).astype(np.uint8)
        np.testing.assert_array_equal(evaluate(pixels), evaluate(pixels))


class TestTraining:
    def test_the_same_seed_gives_the_same_image(self):
        pixels = halves()
        np.testing.assert_array_equal(
            train(pixels, Augmentation(), 3), train(pixels, Augmentation(), 3)
        )

    def test_another_seed_gives_another_crop(self):
        ramp = np.broadcast_to(np.arange(64, dtype=np.uint8)[:, None, None], (64, 64, 3))
        means = {float(train(ramp, only(crop=True), seed).mean()) for seed in range(8)}
        assert len(means) > 4

    def test_a_crop_covers_some_of_the_labelled_box(self):
        # Only the box is white, and a tenth of it at least is in every crop.
        pixels = image(0, 64, 64, 3)
        pixels[48:, 48:] = 255
        box = np.array([[[0.75, 0.75, 1.0, 1.0]]], np.float32)
        brightest = [train(pixels, only(crop=True), seed, boxes=box).max() for seed in range(30)]
        assert min(brightest) > -1.0
        free = [train(pixels, only(crop=True), seed, boxes=WHOLE).max() for seed in range(30)]
        assert min(free) == -1.0

    def test_without_crop_the_middle_is_taken(self):
        pixels = halves()
        np.testing.assert_array_equal(train(pixels, only()), evaluate(pixels))

    def test_a_share_of_the_images_has_an_erased_rectangle(self):
        # Zero is gray: it is the middle of the scale.
        white = image(255, 16, 16, 3)
        results = [train(white, only(erasing=0.5), seed, side=16) for seed in range(40)]
        shares = [float(np.mean(result == 0.0)) for result in results]
        assert 10 <= np.count_nonzero(shares) <= 30
        assert max(shares) < 0.35
        assert {float(value) for result in results for value in np.unique(result)} == {0.0, 1.0}

    def test_half_of_the_images_are_mirrored(self):
        left = [train(halves(), only(flip=True), seed)[0, 0, 0] for seed in range(60)]
        assert set(left) == {-1.0, 1.0}
        assert 15 <= left.count(1.0) <= 45

    @pytest.mark.parametrize("switch", [{"brightness": 63.0}, {"contrast": (0.2, 1.8)}])
    def test_colors_change_if_brightness_or_contrast_is_on(self, switch):
        pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype(np.uint8)
        changed = train(pixels, only(**switch))
        assert not np.allclose(changed, train(pixels, only()), atol=0.05)
        assert -1.0 <= changed.min() <= changed.max() <= 1.0


class TestColors:
    def test_grey_stays_grey_but_for_brightness(self):
        # Saturation and hue leave gray alone, contrast leaves an even image alone.
        gray = np.full((4, 4, 3), 0.5, np.float32)
        shifts = [distort_colors(gray, (seed, 0)).numpy() - 0.5 for seed in range(20)]
        assert all(np.ptp(shift) < 1e-4 for shift in shifts)
        assert 16 / 255 < max(np.abs(shift).max() for shift in shifts) <= 32 / 255 + 1e-6

    def test_values_stay_between_0_and_1(self):
        pixels = np.random.default_rng(0).random((16, 16, 3), np.float32)
        results = [distort_colors(pixels, (seed, 0)).numpy() for seed in range(20)]
        assert min(result.min() for result in results) == 0.0
        assert max(result.max() for result in results) == 1.0

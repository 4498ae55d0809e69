"""Augmentation, each step alone."""

import numpy as np
import pytest

from nac.config import Augmentation
from nac.data.augmentation import (
    augment,
    padded,
    random_crop,
    random_erasing,
    reflected,
    standardize,
)
from tests.data.examples import OFF, only

SEED = (0, 1)
# 4x4 pixels numbered from 1; 0 can only be padding.
NUMBERED = np.arange(1, 17, dtype=np.uint8).reshape(4, 4, 1)


def many(image, count=300):
    return np.broadcast_to(image, (count, *image.shape))


def noise(count=8, side=6, channels=3):
    return np.random.default_rng(0).integers(50, 200, (count, side, side, channels), np.uint8)


def augmented(images, augmentation, image_size=None, seed=SEED):
    return augment(images, augmentation, image_size, seed).numpy()


def windows(padded, side):
    """Return all windows of a padded image, as bytes."""
    room = padded.shape[0] - side + 1
    starts = [(row, column) for row in range(room) for column in range(room)]
    return {padded[r : r + side, c : c + side].astype("float32").tobytes() for r, c in starts}


class TestAll:
    def test_with_every_switch_off_pixels_become_floats_and_nothing_else(self):
        outputs = augmented(noise(), OFF, image_size=10)
        assert outputs.dtype == np.float32
        np.testing.assert_array_equal(outputs, noise())

    def test_the_same_seed_gives_the_same(self):
        first, second = (augmented(noise(), Augmentation(), 8) for _ in range(2))
        np.testing.assert_array_equal(first, second)

    @pytest.mark.parametrize("seed", [(0, 2), (1, 1)])
    @pytest.mark.parametrize(
        "augmentation",
        [
            only(crop=True),
            only(crop="reflect"),
            only(flip=True),
            only(brightness=9.0),
            only(contrast=(0.5, 2.0)),
            only(erasing=0.5),
        ],
        ids=["crop", "reflect", "flip", "brightness", "contrast", "erasing"],
    )
    def test_another_seed_gives_others(self, augmentation, seed):
        first = augmented(noise(64), augmentation, 8)
        assert not np.array_equal(first, augmented(noise(64), augmentation, 8, seed))

    def test_a_switch_leaves_the_numbers_of_the_others(self):
        alone = augmented(noise(), only(contrast=(0.2, 1.8)))
        both = augmented(noise(), only(contrast=(0.2, 1.8), brightness=63.0))
        shifts = (both - alone).mean(axis=(1, 2, 3), keepdims=True)
        np.testing.assert_allclose(both - alone, np.broadcast_to(shifts, both.shape), atol=1e-3)

    def test_standardization_comes_last(self):
        outputs = augmented(noise(), Augmentation(), 8)
        np.testing.assert_allclose(outputs.mean(axis=(1, 2, 3)), 0.0, atol=1e-4)
        np.testing.assert_allclose(outputs.std(axis=(1, 2, 3)), 1.0, rtol=1e-3)


class TestCrop:
    @pytest.mark.parametrize(
        ("image_size", "before", "after"), [(6, 1, 1), (5, 0, 1), (7, 1, 2), (8, 2, 2)]
    )
    def test_crops_are_the_windows_of_the_zero_padded_image(self, image_size, before, after):
        larger = np.pad(NUMBERED, [(before, after), (before, after), (0, 0)])
        outputs = augmented(many(NUMBERED), only(crop=True), image_size)
        assert {output.tobytes() for output in outputs} == windows(larger, 4)

    def test_windows_are_equally_likely(self):
        outputs = augmented(many(NUMBERED, 2000), only(crop=True), 5)
        shares = [np.mean(outputs[:, 0, 0, 0] == corner) for corner in (1, 2, 5, 6)]
        np.testing.assert_allclose(shares, 0.25, atol=0.04)

    def test_all_channels_are_cropped_alike(self):
        image = np.concatenate([NUMBERED, NUMBERED + 100], axis=-1)
        outputs = augmented(many(image, 50), only(crop=True), 6)
        inside = outputs[..., 0] > 0.0
        np.testing.assert_array_equal(outputs[inside, 1], outputs[inside, 0] + 100.0)
        assert not outputs[~inside].any()

    @pytest.mark.parametrize("image_size", [None, 4, 3])
    def test_without_a_larger_size_there_is_no_crop(self, image_size):
        outputs = augmented(many(NUMBERED, 20), only(crop=True), image_size)
        np.testing.assert_array_equal(outputs, many(NUMBERED, 20))

    def test_only_the_side_that_is_shorter_is_padded(self):
        image = NUMBERED[:2].astype("float32")
        outputs = random_crop(padded(many(image), 4), 2, 4, SEED).numpy()
        larger = np.pad(image, [(1, 1), (0, 0), (0, 0)])
        expected = {larger[row : row + 2].tobytes() for row in range(3)}
        assert {output.tobytes() for output in outputs} == expected

    def test_padding_is_zero_before_standardization(self):
        bright = np.full((4, 4, 1), 255, np.uint8)
        outputs = augmented(many(bright, 100), only(crop=True, standardize=True), 8)
        cut = [image for image in outputs if len(np.unique(image)) > 1]
        assert cut
        for image in cut:
            share = np.mean(image == image.max())
            # Of zeros and ones with mean p, a one becomes (1 - p) / sqrt(p (1 - p)).
            expected = np.sqrt((1.0 - share) / share)
            np.testing.assert_allclose(image.max(), expected, rtol=1e-4)


class TestReflect:
    def test_by_hand(self):
        # The border itself is not repeated.
        assert reflected(many(NUMBERED, 1), 6).numpy()[0, ..., 0].tolist() == [
            [6, 5, 6, 7, 8, 7],
            [2, 1, 2, 3, 4, 3],
            [6, 5, 6, 7, 8, 7],
            [10, 9, 10, 11, 12, 11],
            [14, 13, 14, 15, 16, 15],
            [10, 9, 10, 11, 12, 11],
        ]

    def test_of_an_odd_margin_the_larger_half_comes_last(self):
        assert reflected(many(NUMBERED, 1), 5).numpy()[0, :, 0, 0].tolist() == [1, 5, 9, 13, 9]

    @pytest.mark.parametrize(("side", "larger"), [(8, 10), (16, 20), (15, 17), (7, 7)])
    def test_without_a_size_an_eighth_is_added_on_each_side(self, side, larger):
        assert reflected(noise(1, side), None).shape == (1, larger, larger, 3)

    def test_a_mirror_image_is_not_longer_than_the_image(self):
        assert reflected(many(NUMBERED, 1), 40).shape == (1, 10, 10, 1)
        assert reflected(many(NUMBERED[:1, :1], 1), 40).shape == (1, 1, 1, 1)

    @pytest.mark.parametrize("side", [4, 3])
    def test_without_a_larger_size_nothing_is_added(self, side):
        np.testing.assert_array_equal(reflected(many(NUMBERED, 2), side), many(NUMBERED, 2))

    def test_crops_are_the_windows_of_the_reflected_image(self):
        larger = np.pad(NUMBERED, [(1, 1), (1, 1), (0, 0)], "reflect")
        outputs = augmented(many(NUMBERED), only(crop="reflect"), 6)
        assert {output.tobytes() for output in outputs} == windows(larger, 4)

    def test_without_a_size_crops_are_windows_too(self):
        image = np.arange(64, dtype=np.uint8).reshape(8, 8, 1)
        larger = np.pad(image, [(1, 1), (1, 1), (0, 0)], "reflect")
        outputs = augmented(many(image), only(crop="reflect"))
        assert {output.tobytes() for output in outputs} == windows(larger, 8)

    def test_images_need_not_be_squares(self):
        image = np.arange(32, dtype=np.uint8).reshape(4, 8, 1)
        outputs = augmented(many(image), only(crop="reflect"), 8)
        larger = np.pad(image, [(2, 2), (0, 0), (0, 0)], "reflect").astype("float32")
        expected = {larger[row : row + 4].tobytes() for row in range(5)}
        assert {output.tobytes() for output in outputs} == expected


class TestFlip:
    def test_an_image_is_itself_or_its_mirror(self):
        outputs = augmented(many(NUMBERED), only(flip=True))
        expected = {
            NUMBERED.astype("float32").tobytes(),
            NUMBERED[:, ::-1].astype("float32").tobytes(),
        }
        assert {output.tobytes() for output in outputs} == expected

    def test_about_half_are_mirrored(self):
        outputs = augmented(many(NUMBERED, 1000), only(flip=True))
        assert 400 < np.sum(outputs[:, 0, 0, 0] == 4.0) < 600


class TestBrightness:
    def shifts(self, limit, count=1000):
        images = many(NUMBERED, count).astype("float32")
        return augmented(many(NUMBERED, count), only(brightness=limit)) - images

    def test_all_pixels_of_an_image_are_shifted_alike(self):
        shifts = self.shifts(63.0, 20)
        np.testing.assert_allclose(shifts, shifts[:, :1, :1, :] + 0 * shifts, atol=1e-4)

    def test_each_image_has_a_shift_of_its_own(self):
        assert len(np.unique(self.shifts(63.0, 20)[:, 0, 0, 0])) == 20

    def test_shifts_fill_the_range_from_minus_to_plus_the_limit(self):
        shifts = self.shifts(10.0)[:, 0, 0, 0]
        assert -10.0 <= shifts.min() < -9.5
        assert 9.5 < shifts.max() <= 10.0
        assert abs(shifts.mean()) < 1.0

    def test_pixels_are_not_clipped(self):
        outputs = augmented(many(NUMBERED, 20), only(brightness=200.0))
        assert outputs.min() < 0.0
        assert np.ptp(outputs.reshape(20, -1), axis=1) == pytest.approx(np.full(20, 15.0), abs=1e-3)


class TestContrast:
    def test_by_hand(self):
        image = np.array([[[10], [30]]], np.uint8)
        outputs = augmented(image[np.newaxis], only(contrast=(2.0, 2.0)))
        np.testing.assert_allclose(np.ravel(outputs), [0.0, 40.0], atol=1e-4)

    def test_the_mean_of_each_channel_stays(self):
        outputs = augmented(noise(), only(contrast=(0.2, 1.8)))
        means = noise().mean(axis=(1, 2))
        np.testing.assert_allclose(outputs.mean(axis=(1, 2)), means, rtol=1e-4)

    def factors(self, count):
        images = noise(count)
        outputs = augmented(images, only(contrast=(0.2, 1.8)))
        centered = images - images.mean(axis=(1, 2), keepdims=True)
        return (outputs - outputs.mean(axis=(1, 2), keepdims=True)).std(axis=(1, 2)) / centered.std(
            axis=(1, 2)
        )

    def test_all_channels_of_an_image_have_one_factor(self):
        factors = self.factors(8)
        np.testing.assert_allclose(factors, factors[:, :1] + 0 * factors, rtol=1e-3)
        assert len(np.unique(factors[:, 0].round(3))) == 8

    def test_factors_fill_their_range(self):
        factors = self.factors(500)[:, 0]
        assert 0.2 - 1e-3 <= factors.min() < 0.25
        assert 1.75 < factors.max() <= 1.8 + 1e-3


def erased(share, count=1000, height=16, width=16, seed=SEED):
    """Return which pixels of images of ones are erased, (count, height, width)."""
    images = np.ones((count, height, width, 2), np.float32)
    zeros = random_erasing(images, share, seed).numpy() == 0.0
    np.testing.assert_array_equal(zeros[..., 0], zeros[..., 1])  # in all channels alike
    return zeros[..., 0]


class TestErasing:
    def test_share_0_leaves_all_images(self):
        assert not erased(0.0).any()

    def test_share_1_erases_something_of_each_image(self):
        assert erased(1.0).any(axis=(1, 2)).all()

    def test_it_is_done_in_a_share_of_the_images(self):
        assert 0.25 < erased(0.3).any(axis=(1, 2)).mean() < 0.35

    def test_what_is_erased_is_a_rectangle(self):
        for zeros in erased(1.0, 50):
            rows, columns = zeros.any(axis=1), zeros.any(axis=0)
            np.testing.assert_array_equal(zeros, rows[:, np.newaxis] & columns)
            for side in (rows, columns):
                assert np.ptp(np.flatnonzero(side)) + 1 == side.sum()

    def test_the_rest_of_the_image_stays(self):
        images = noise(20).astype("float32")
        outputs = random_erasing(images, 1.0, SEED).numpy()
        assert set(np.unique(outputs[outputs != images])) == {0.0}

    def test_areas_fill_the_range_from_2_to_25_percent(self):
        areas = erased(1.0, height=100, width=100).mean(axis=(1, 2))
        # A side of whole pixels is longer or shorter by at most one.
        assert 0.015 < areas.min() < 0.03
        assert 0.24 < areas.max() < 0.265
        assert areas.mean() == pytest.approx(0.135, abs=0.01)

    def test_no_side_is_more_than_three_times_the_other(self):
        zeros = erased(1.0, height=100, width=100)
        ratios = zeros.any(axis=2).sum(axis=1) / zeros.any(axis=1).sum(axis=1)
        # The shortest side has 100 * sqrt(0.02 / 3) = 8 pixels, so one more or less is an eighth.
        assert 1 / 3 / 1.25 < ratios.min() < 0.4
        assert 2.5 < ratios.max() < 3 * 1.25

    def test_each_corner_can_be_erased(self):
        zeros = erased(1.0)
        assert all(zeros[:, row, column].any() for row in (0, -1) for column in (0, -1))

    def test_each_image_has_a_rectangle_of_its_own(self):
        assert len({zeros.tobytes() for zeros in erased(1.0, 50)}) > 40

    def test_the_same_seed_erases_the_same(self):
        np.testing.assert_array_equal(erased(0.5), erased(0.5))

    def test_erased_pixels_are_0_after_standardization(self):
        outputs = augmented(noise(64), only(erasing=1.0, standardize=True))
        plain = augmented(noise(64), only(standardize=True))
        assert set(np.unique(outputs[outputs != plain])) == {0.0}

    def test_erasing_leaves_the_numbers_of_the_other_steps(self):
        both = augmented(noise(64), only(crop=True, flip=True, erasing=0.5), 8)
        alone = augmented(noise(64), only(crop=True, flip=True), 8)
        np.testing.assert_array_equal(both[both != 0.0], alone[both != 0.0])


class TestStandardize:
    def test_each_image_has_mean_0_and_deviation_1(self):
        outputs = augmented(noise(), only(standardize=True))
        np.testing.assert_allclose(outputs.mean(axis=(1, 2, 3)), 0.0, atol=1e-5)
        np.testing.assert_allclose(outputs.std(axis=(1, 2, 3)), 1.0, rtol=1e-5)

    def test_by_hand(self):
        image = np.array([0, 2, 4, 2], np.uint8).reshape(1, 2, 2, 1)
        expected = np.array([-1.0, 0.0, 1.0, 0.0]) * np.sqrt(2.0)
        np.testing.assert_allclose(np.ravel(standardize(image)), expected, rtol=1e-5)

    def test_an_image_of_one_color_becomes_0(self):
        outputs = augmented(np.full((1, 4, 4, 1), 77, np.uint8), only(standardize=True))
        np.testing.assert_array_equal(outputs, 0.0)

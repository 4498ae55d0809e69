"""Small pictures of images."""

import numpy as np
import tensorflow as tf

from nac.training.thumbnails import LARGEST_SIDE, thumbnails, write_thumbnails


class Source:
    """A data set of given images."""

    def __init__(self, *images):
        self.images = images

    def pixels(self, split, positions):
        assert split == "test"
        return ((position, self.images[position]) for position in positions)


def gray(value, height=2, width=2, channels=1):
    return np.full((height, width, channels), value, np.uint8)


def test_small_images_stay_as_they_are():
    source = Source(gray(7), gray(255, 2, 3, 3))
    found = thumbnails(source, "test", [0, 1])
    np.testing.assert_array_equal(found[0], gray(7))
    np.testing.assert_array_equal(found[1], gray(255, 2, 3, 3))


def test_only_the_wanted_ones_are_made():
    assert list(thumbnails(Source(gray(1), gray(2), gray(255)), "test", [2])) == [2]


def test_large_images_are_reduced_in_their_proportions():
    found = thumbnails(Source(gray(255, 400, 800, 3)), "test", [0])[0]
    assert found.shape == (LARGEST_SIDE // 2, LARGEST_SIDE, 3)
    assert found.min() == 255


def test_all_images_become_brighter_by_the_same_factor():
    found = thumbnails(Source(gray(16), gray(8)), "test", [0, 1])
    assert (found[0].max(), found[1].max()) == (255, 128)  # 8 * 255 / 16 = 127.5


def test_black_images_stay_black():
    assert thumbnails(Source(gray(0)), "test", [0])[0].max() == 0


def test_an_alpha_channel_is_left_out():
    assert thumbnails(Source(gray(255, channels=4)), "test", [0])[0].shape == (2, 2, 3)


def test_files_are_named_by_position_and_have_every_pixel(tmp_path):
    pixels = np.arange(6, dtype=np.uint8).reshape(2, 3, 1)
    write_thumbnails(tmp_path, {17: pixels})
    content = tf.io.read_file(str(tmp_path / "thumbnails" / "000017.png"))
    np.testing.assert_array_equal(tf.io.decode_png(content), pixels)

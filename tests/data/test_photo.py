"""Image files of every kind as arrays of pixels."""

import io
import os
import struct
from zlib import crc32

import numpy as np
import pytest
from PIL import Image

from nac.data import photo
from nac.data.photo import photo_shape, photos_or_reasons, read_photo
from nac.utils import limits
from tests.builders import assert_says, input_error

RED = (200, 10, 20)


def save(path, image, **options):
    image.save(path, **options)
    return path


def halves(mode="RGB", left=0, right=255, size=(8, 4)):
    """Return an image with a left and a right half."""
    image = Image.new(mode, size, left)
    image.paste(right, (size[0] // 2, 0, *size))
    return image


@pytest.mark.parametrize("ending", ["png", "webp", "bmp", "gif", "tiff", "PNG"])
def test_lossless_formats_give_their_pixels(tmp_path, ending):
    options = {"lossless": True} if ending == "webp" else {}
    path = save(tmp_path / f"x.{ending}", Image.new("RGB", (3, 2), RED), **options)
    pixels = read_photo(path)
    assert (pixels.shape, pixels[1, 2].tolist()) == ((2, 3, 3), list(RED))


def test_jpeg_is_close(tmp_path):
    path = save(tmp_path / "x.jpg", Image.new("RGB", (16, 16), RED), quality=95)
    np.testing.assert_allclose(read_photo(path)[8, 8], RED, atol=3)


@pytest.mark.parametrize(
    ("mode", "color", "expected"),
    [
        ("L", 7, [7]),
        ("1", 1, [255]),
        ("LA", (7, 0), [7]),
        ("RGBA", (*RED, 0), list(RED)),
        ("P", 0, [0, 0, 0]),
    ],
)
def test_modes_of_png_become_gray_or_color(tmp_path, mode, color, expected):
    path = save(tmp_path / "x.png", Image.new(mode, (2, 2), color))
    assert read_photo(path)[0, 0].tolist() == expected


def test_a_palette_gives_its_colors(tmp_path):
    image = Image.new("P", (2, 2), 1)
    image.putpalette([0, 0, 0, *RED])
    assert read_photo(save(tmp_path / "x.gif", image))[0, 0].tolist() == list(RED)


def test_of_16_bits_the_upper_ones_are_kept(tmp_path):
    values = np.array([[0, 255, 256, 65535]], np.uint16)
    path = save(tmp_path / "x.png", Image.fromarray(values))
    assert read_photo(path)[0, :, 0].tolist() == [0, 0, 1, 255]


def test_cmyk_becomes_color(tmp_path):
    path = save(tmp_path / "x.jpg", Image.new("CMYK", (16, 16), (0, 255, 255, 0)), quality=95)
    np.testing.assert_allclose(read_photo(path)[8, 8], [254, 0, 0], atol=4)


def test_of_an_animation_the_first_image_is_read(tmp_path):
    images = [Image.new("RGB", (2, 2), color) for color in (RED, (0, 0, 0))]
    path = save(tmp_path / "x.gif", images[0], save_all=True, append_images=images[1:])
    assert read_photo(path)[0, 0].tolist() == list(RED)


def test_exif_orientation_is_honored(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    path = save(tmp_path / "x.png", halves("L"), exif=exif)
    pixels = read_photo(path)[..., 0]
    assert pixels.shape == (8, 4)
    assert (pixels[0].max(), pixels[-1].min()) == (0, 255)


def test_a_turned_photo_is_turned_before_it_is_stretched(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    path = save(tmp_path / "x.jpg", halves("L", size=(64, 32)), exif=exif, quality=95)
    pixels = read_photo(path, (2, 4))[..., 0]
    assert (pixels[0, 0] > 200, pixels[0, 3] < 50) == (True, True)


def test_size_and_channels_can_be_asked_for(tmp_path):
    path = save(tmp_path / "x.png", Image.new("L", (30, 20), 9))
    pixels = read_photo(path, (5, 6), channels=3)
    assert (pixels.shape, pixels[0, 0].tolist()) == ((5, 6, 3), [9, 9, 9])


def test_a_large_jpeg_decoded_in_a_smaller_size_is_close_to_the_whole(tmp_path):
    ramp = np.linspace(0, 255, 640, dtype=np.uint8)
    image = Image.fromarray(np.broadcast_to(ramp[None, :, None], (480, 640, 3)).copy())
    path = save(tmp_path / "x.jpg", image, quality=95)
    whole = Image.fromarray(read_photo(path)).resize((8, 8), Image.Resampling.BILINEAR)
    np.testing.assert_allclose(read_photo(path, (8, 8)), np.asarray(whole), atol=3)


def test_the_shape_is_read_from_the_beginning_of_a_file(tmp_path):
    path = save(tmp_path / "x.png", Image.new("RGB", (300, 200), RED))
    path.write_bytes(path.read_bytes()[:100])
    assert photo_shape(path) == (200, 300, 3)


@pytest.mark.parametrize("read", [read_photo, photo_shape])
def test_other_content_is_an_error(tmp_path, read):
    path = tmp_path / "x.jpg"
    path.write_bytes(b"<html>")
    assert_says(input_error(read, path), f"{path}: cannot be read as an image (its content")


@pytest.mark.parametrize("read", [read_photo, photo_shape])
@pytest.mark.parametrize(
    "content",
    [
        b"P6 1 1 255\nabc",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n",
    ],
    ids=["ppm", "postscript"],
)
def test_formats_that_are_not_promised_are_not_read_under_another_name(tmp_path, content, read):
    Image.open(io.BytesIO(content)).close()  # Pillow knows them
    path = tmp_path / "x.png"
    path.write_bytes(content)
    assert input_error(read, path) == (
        f"{path}: cannot be read as an image"
        " (its content is not that of a JPEG, PNG, WebP, BMP, GIF or TIFF file)"
    )


def test_a_photo_with_further_images_in_it_is_read(tmp_path):
    further = Image.new("RGB", (16, 16), (0, 0, 0))
    path = tmp_path / "x.jpg"
    image = Image.new("RGB", (16, 16), RED)
    image.save(path, "MPO", save_all=True, append_images=[further], quality=95)
    np.testing.assert_allclose(read_photo(path)[8, 8], RED, atol=3)


def test_a_cut_file_is_an_error(tmp_path):
    path = save(tmp_path / "x.png", halves(size=(200, 200)))
    path.write_bytes(path.read_bytes()[:80])
    assert_says(input_error(read_photo, path), f"{path}: cannot be read as an image (")


def test_a_missing_file_is_an_error(tmp_path):
    assert_says(input_error(read_photo, tmp_path / "x.png"), "x.png: cannot be read", "No such")


@pytest.mark.parametrize("read", [read_photo, photo_shape])
def test_a_pipe_is_an_error(tmp_path, read):
    path = tmp_path / "x.png"
    os.mkfifo(path)
    assert input_error(read, path) == (
        f"{path}: cannot be read as an image (expected a file, received a pipe)"
    )


def png_header(width, height):
    """Return the beginning of a PNG file of black and white pixels."""
    fields = b"IHDR" + struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    header = struct.pack(">I", 13) + fields + struct.pack(">I", crc32(fields))
    return b"\x89PNG\r\n\x1a\n" + header + struct.pack(">I4s", 0, b"IDAT")


@pytest.mark.parametrize("read", [read_photo, photo_shape])
@pytest.mark.parametrize(
    ("side", "received"),
    [(13_300, "13300x13300"), (40_000, "more")],  # Pillow itself refuses the second one
)
def test_a_file_that_says_it_is_huge_is_not_decoded(tmp_path, read, side, received):
    path = tmp_path / "x.png"
    path.write_bytes(png_header(side, side))
    assert input_error(read, path) == (
        f"{path}: cannot be read as an image"
        f" (expected at most 110,000,000 pixels, received {received})"
    )


@pytest.mark.parametrize("ending", ["jpg", "png", "tiff", "webp"])
def test_every_format_with_an_orientation_is_turned(tmp_path, ending):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    image = halves("RGB", (0, 0, 0), (255, 255, 255), (32, 16))
    path = save(tmp_path / f"x.{ending}", image, exif=exif)
    pixels = read_photo(path)
    assert pixels.shape == (32, 16, 3)
    assert (pixels[2].max() < 50, pixels[-3].min() > 200) == (True, True)


def test_the_photos_of_large_sensors_are_allowed(tmp_path):
    path = tmp_path / "x.png"
    path.write_bytes(png_header(11648, 8736))
    assert photo_shape(path) == (8736, 11648, 1)


@pytest.mark.parametrize("ending", ["bmp", "gif", "jpg", "png", "tiff", "webp"])
def test_the_limit_holds_for_every_format(tmp_path, monkeypatch, ending):
    monkeypatch.setattr(limits, "IMAGE_PIXELS", 11)
    path = save(tmp_path / f"x.{ending}", Image.new("RGB", (4, 3), RED))
    assert_says(input_error(read_photo, path), "expected at most 11 pixels, received 4x3")


def test_several_large_images_at_a_time_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(photo, "LARGE", 11)
    paths = [save(tmp_path / f"{n}.png", Image.new("L", (4, 3), n)) for n in range(5)]
    images = photos_or_reasons(paths, (3, 4, 1))
    assert [image[0, 0, 0] for image in images] == [0, 1, 2, 3, 4]

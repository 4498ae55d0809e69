"""Which pictures become parts of the page."""

import os

import pytest

from nac.reporting.thumbnails import MOST_BYTES, data_uri

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def path(tmp_path):
    """The place of the picture of image 7."""
    (tmp_path / "thumbnails").mkdir()
    return tmp_path / "thumbnails" / "000007.png"


def test_a_picture_is_part_of_the_page(tmp_path, path):
    path.write_bytes(PNG + b"...")
    assert data_uri(tmp_path, 7) == "data:image/png;base64,iVBORw0KGgouLi4="


def test_a_picture_may_be_missing(tmp_path):
    assert data_uri(tmp_path, 7) is None


def test_other_content_is_left_out(tmp_path, path):
    path.write_bytes(b"root:x:0")
    assert data_uri(tmp_path, 7) is None


def test_links_are_not_followed(tmp_path, path):
    (tmp_path / "other.png").write_bytes(PNG)
    path.symlink_to(tmp_path / "other.png")
    assert data_uri(tmp_path, 7) is None


def test_nor_is_a_link_in_place_of_the_folder(tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "000007.png").write_bytes(PNG)
    (tmp_path / "thumbnails").symlink_to(tmp_path / "other")
    assert data_uri(tmp_path, 7) is None


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_only_files_are_read(tmp_path, path, make):
    make(path)
    assert data_uri(tmp_path, 7) is None


def test_a_picture_has_a_largest_size(tmp_path, path):
    path.write_bytes(PNG.ljust(MOST_BYTES))
    assert data_uri(tmp_path, 7) is not None
    path.write_bytes(PNG.ljust(MOST_BYTES + 1))
    assert data_uri(tmp_path, 7) is None

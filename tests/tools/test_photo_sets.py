"""Real images that come inside packages, laid out as folders."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from tests.builders import assert_says, input_error
from tools import photo_sets
from tools.photo_sets import lay_out_materials, lay_out_solar_cells, material_of


def photo(seed, side=128):
    """Return a PNG file of noise."""
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "textures.pk3"
    with zipfile.ZipFile(path, "w") as file:
        for number in range(5):
            file.writestr(f"textures/brick{number:03d}.png", photo(number))
        file.writestr("textures/brick004_copy.png", photo(4))
        file.writestr("textures/sky001.png", photo(9))
    return path


@pytest.mark.parametrize(
    ("name", "material"),
    [
        ("textures/tex_city/bricks01.png", "brick"),
        ("textures/Wood_Floor.JPG", "wood"),
        ("textures/woodpecker.png", None),
        ("textures/brick01_nm.png", None),
        ("textures/brick01.tga", None),
        ("textures/desert.png", "dirt"),
    ],
)
def test_the_beginning_of_a_name_says_the_material(name, material):
    assert material_of(name) == material


def test_photos_are_cut_and_every_fourth_one_is_for_tests(archive, tmp_path):
    lay_out_materials(tmp_path / "out", archive)
    train = sorted(path.name for path in (tmp_path / "out/train/brick").iterdir())
    test = sorted(path.name for path in (tmp_path / "out/test/brick").iterdir())
    # In the order of their names, the photos 0 and 4 are for tests; 128 pixels are two pieces.
    assert len(test) == 8
    assert {name.split("-")[0] for name in test} == {"brick000", "brick004"}
    assert len(train) == 3 * 4
    assert Image.open(tmp_path / "out/train/brick" / train[0]).size == (64, 64)


def test_the_same_piece_is_there_once(archive, tmp_path):
    lay_out_materials(tmp_path / "out", archive)
    names = [path.name for path in (tmp_path / "out").rglob("*.png")]
    assert not any(name.startswith("brick004_copy") for name in names)


@pytest.mark.parametrize(
    ("lay_out", "hint"),
    [(lay_out_solar_cells, "pip install elpv-dataset"), (lay_out_materials, "apt install")],
)
def test_a_missing_package_is_one_line(tmp_path, monkeypatch, lay_out, hint):
    monkeypatch.setattr(photo_sets.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(lay_out, "__defaults__", (tmp_path / "nowhere",))
    assert_says(input_error(lay_out, tmp_path / "out"), hint)
    assert not (tmp_path / "out").exists()

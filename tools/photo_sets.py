"""Lay out real images that come inside a package as a folder with a folder per class.

    pip install elpv-dataset
    python -m tools.photo_sets --set=solar_cells --output=solar_cells

2,624 photos of solar cells, 300x300 gray pixels, of mono- and polycrystalline cells, each
functional or defective. S. Deitsch and others, "Automatic classification of defective photovoltaic
module cells in electroluminescence images", Solar Energy 185, 2019; CC BY-NC-SA 4.0, so not for
commercial use.

    apt install ufoai-textures
    python -m tools.photo_sets --set=materials --output=materials

4,404 pieces of 64x64 color pixels from 331 photos of nine materials, which the game UFO: Alien
Invasion uses as textures (GPL 2 or later, some files under other free licenses). No photo has
pieces among both the training and the test images.
"""

import importlib.util
import io
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

from absl import flags
from PIL import Image

from nac.cli.command import command, require_flags
from nac.utils.errors import InputError

TEXTURES = Path("/usr/share/games/ufoai/base/0textures.pk3")
MATERIALS = {
    "brick": "bricks?",
    "carpet": "carpet",
    "concrete": "concrete",
    "dirt": "dirt|desert",
    "grass": "grass",
    "metal": "metall?|mtl",
    "rock": "rock|pjrock",
    "roof": "roof",
    "wood": "wood",
}
"""Class -> pattern of the first word of a file's name."""

NO_PHOTO = re.compile("_(nm|gm|sm|rm)$")
"""End of the names of normal maps and the like."""

LARGEST, PIECE = 256, 64
"""Sides in pixels to which photos are shrunk, and of the pieces that are cut from them."""


def lay_out_solar_cells(output: Path) -> None:
    """Copy the photos of the package elpv-dataset."""
    spec = importlib.util.find_spec("elpv_dataset")
    if spec is None or spec.origin is None:
        raise InputError("--set=solar_cells needs elpv-dataset: pip install elpv-dataset")
    source = Path(spec.origin).parent / "data"
    for line in (source / "labels.csv").read_text(encoding="utf-8").splitlines():
        path, defect, kind = line.split()
        folder = output / f"{kind}-{'defective' if float(defect) > 0.5 else 'functional'}"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / path, folder)


def lay_out_materials(output: Path, archive: Path = TEXTURES) -> None:
    """Cut the photos of the package ufoai-textures into pieces, every fourth one for tests."""
    if not archive.is_file():
        raise InputError("--set=materials needs ufoai-textures: apt install ufoai-textures")
    seen: set[bytes] = set()
    with zipfile.ZipFile(archive) as file:
        for number, name in enumerate(sorted(file.namelist())):
            material = material_of(name)
            if material:
                split = "train" if number % 4 else "test"
                photo = Image.open(io.BytesIO(file.read(name))).convert("RGB")
                stem = f"{Path(name).stem}-{number}"
                _cut(photo, output / split / material, stem, seen)


def material_of(name: str) -> str | None:
    """Return the material that a file of the archive shows, None if it is no photo of one."""
    path = Path(name.lower())
    if path.suffix not in (".png", ".jpg") or NO_PHOTO.search(path.stem):
        return None
    matches = (
        material
        for material, words in MATERIALS.items()
        if re.match(f"({words})([^a-z]|$)", path.stem)
    )
    return next(matches, None)


def _cut(photo: Image.Image, folder: Path, stem: str, seen: set[bytes]) -> None:
    photo.thumbnail((LARGEST, LARGEST))
    folder.mkdir(parents=True, exist_ok=True)
    for top in range(0, photo.height - PIECE + 1, PIECE):
        for left in range(0, photo.width - PIECE + 1, PIECE):
            piece = photo.crop((left, top, left + PIECE, top + PIECE))
            if piece.tobytes() not in seen:  # some photos share parts
                seen.add(piece.tobytes())
                piece.save(folder / f"{stem}-{top}-{left}.png")


SETS: dict[str, Callable[[Path], None]] = {
    "solar_cells": lay_out_solar_cells,
    "materials": lay_out_materials,
}

FLAGS = flags.FlagValues()
flags.DEFINE_enum("set", None, list(SETS), "Which images.", flag_values=FLAGS)
flags.DEFINE_string("output", None, "The new folder.", flag_values=FLAGS)


def main() -> None:
    """Lay out the images and count them."""
    require_flags(FLAGS, "set", "output")
    output = Path(FLAGS.output)
    if output.exists():
        raise InputError(f"--output: {output} exists; expected a new name, or remove it")
    SETS[FLAGS.set](output)
    count = sum(1 for _ in output.rglob("*.png"))
    print(f"{output}: {count:,} images; to use them: nac construct --images={output}")


run = command(main, FLAGS, __doc__)

if __name__ == "__main__":
    run()

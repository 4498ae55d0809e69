"""The user's own images: ``folder:PATH``, one folder per class. Which files are what."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nac.config.splits import TEST, VALIDATION
from nac.data.images import choose_test
from nac.data.photo import ENDINGS, FORMATS
from nac.data.source import TRAIN, ImageFacts, Request
from nac.utils.errors import InputError
from nac.utils.files import expanded
from nac.utils.text import listed

SPLITS = {
    TRAIN: ("train", "training"),
    VALIDATION: ("val", "valid", "validation"),
    TEST: ("test", "testing"),
}
"""Split -> names that its folder may have, in small letters."""

NO_FILES = ("Thumbs.db", "desktop.ini", "__MACOSX")
"""What systems leave in folders, beside names that begin with a dot. Nobody needs to be told."""

NAMED = 3
"""Number of skipped files that a message names."""


@dataclass(frozen=True)
class Listing:
    """The image files of a split.

    Attributes:
        files: Their paths, (files,) strings.
        labels: Their labels, (files,) int32.
    """

    files: np.ndarray
    labels: np.ndarray

    def chosen(self, mask: np.ndarray) -> "Listing":
        """Return the files of a mask, (files,) bool."""
        return Listing(self.files[mask], self.labels[mask])


@dataclass(frozen=True)
class Folder:
    """What is in a folder of images.

    Attributes:
        path: Its path.
        classes: Names of the classes, in the order of their labels.
        train: The training images.
        test: The test images.
        validation: Validation images of its own, None if it has none.
        notes: Lines for the user: how the images were split, and what was skipped.
    """

    path: Path
    classes: tuple[str, ...]
    train: Listing
    test: Listing
    validation: Listing | None = None
    notes: tuple[str, ...] = ()


def folder_facts(request: Request) -> ImageFacts:
    """Return what the folders say about their images, which count as color images.

    Raises:
        InputError: See :func:`list_folder`.
    """
    side, folder = request.required_image_size(), list_folder(folder_path(request))
    splits = [split for split in (folder.train, folder.test, folder.validation) if split]
    files = tuple(Path(file) for split in splits for file in split.files)
    return ImageFacts((side, side, 3), len(folder.classes), len(folder.train.files), files)


def folder_path(request: Request) -> Path:
    """Return the path of the folder that is asked for.

    Raises:
        InputError: It is in the home directory of a user whom nobody knows.
    """
    return expanded(request.argument)


def list_folder(path: Path) -> Folder:
    """Return the classes of a folder and the files of each split.

    PATH has a folder per class, or folders ``train`` and ``test`` (and ``val``) that do. The images
    of a class may be in further folders below it. The classes are those of the training images, in
    the order of their names.

    * Without test images, ``val`` has them. Without both, every fifth image of each class, in the
      order of their names, is a test image.
    * Beside test images, ``val`` has the validation images.

    Raises:
        InputError: There is no such folder, there are fewer than two classes, a class has no
            images, or a class of another split has no training images.
    """
    found = _splits(path)
    base = found.get(TRAIN, path)
    classes = tuple(_folders(base))
    _check_classes(base, classes)
    skipped: list[Path] = []
    train = _listing(base, classes, classes, skipped)
    others = {
        split: _listing(folder, _classes_among(folder, classes, base), classes, skipped)
        for split, folder in found.items()
        if split != TRAIN
    }
    folder = _with_test(Folder(path, classes, train, train, others.get(VALIDATION)), others)
    return replace(folder, notes=(*folder.notes, *_skipped_note(skipped)))


def _splits(path: Path) -> dict[str, Path]:
    """Return split -> its folder; none if the folder itself has the classes."""
    folders = {name.lower(): path / name for name in _folders(path)}
    found = {
        split: next((folders[name] for name in names if name in folders), None)
        for split, names in SPLITS.items()
    }
    present = {split: folder for split, folder in found.items() if folder}
    if present and TRAIN not in present:
        other = next(iter(present.values())).name
        raise InputError(f"{path}: expected a folder 'train' beside {other!r}, received none")
    return present


def _with_test(folder: Folder, others: dict[str, Listing]) -> Folder:
    """Return the folder with its test images, and a note if they are no folder of that name."""
    facts = folder.path, folder.classes
    if TEST in others:
        return Folder(*facts, folder.train, others[TEST], folder.validation)
    if folder.validation:
        note = f"{folder.path}: has no test images, so those for validation are its test images"
        return Folder(*facts, folder.train, folder.validation, notes=(note,))
    mask = choose_test(folder.train.labels)
    if not mask.any():
        raise InputError(
            f"{folder.path}: expected a folder 'test', or at least five images of a class"
        )
    note = (
        f"{folder.path}: has no test images, so every fifth image of each class is one:"
        f" {mask.sum():,} of {len(mask):,}"
    )
    return Folder(*facts, folder.train.chosen(~mask), folder.train.chosen(mask), notes=(note,))


def _check_classes(base: Path, classes: tuple[str, ...]) -> None:
    if len(classes) >= 2:
        return
    received = "none" if not classes else f"only {classes[0]!r}"
    if not classes and any(image_files(base)):
        received = "images without a folder"
    if classes and len(_folders(base / classes[0])) >= 2:
        received += f" (did you mean {base / classes[0]}?)"
    raise InputError(
        f"{base}: expected a folder for each of at least two classes, received {received}"
    )


def _classes_among(base: Path, classes: tuple[str, ...], train: Path) -> list[str]:
    """Return the classes that a split other than training has."""
    names = _folders(base)
    for name in names:
        if name not in classes:
            raise InputError(
                f"{base / name}: expected only classes of {train}: {', '.join(classes)}"
            )
    if not names:
        raise InputError(f"{base}: expected a folder for each class, received none")
    return names


def _folders(path: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in path.iterdir() if _counts(entry) and entry.is_dir())
    except OSError as error:
        raise InputError(
            f"{path}: expected a folder of folders of images, one per class ({error.strerror})"
        ) from None


def _counts(path: Path) -> bool:
    return path.name[0] != "." and path.name not in NO_FILES


def _listing(
    base: Path, names: list[str] | tuple[str, ...], classes: tuple[str, ...], skipped: list[Path]
) -> Listing:
    files: list[str] = []
    labels: list[int] = []
    for name in names:
        others: list[Path] = []
        images = sorted(image_files(base / name, others))
        if not images:
            received = f"only other files such as {others[0].name}" if others else "none"
            raise InputError(f"{base / name}: expected {FORMATS} images, received {received}")
        skipped += others
        files += map(str, images)
        labels += [classes.index(name)] * len(images)
    return Listing(np.array(files, object), np.array(labels, np.int32))


def image_files(folder: Path, others: list[Path] | None = None) -> Iterator[Path]:
    """Yield the image files in a folder and in those below it.

    Args:
        folder: The folder.
        others: Gets all other files, unless they are hidden or a system's own.
    """
    walked: set[str] = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in walked:  # a link to a folder above it
            folders.clear()
            continue
        walked.add(real)
        folders[:] = sorted(name for name in folders if _counts(Path(name)))
        for path in (Path(place, name) for name in sorted(names)):
            if path.suffix.lower() in ENDINGS and _counts(path) and not _is_special(path):
                yield path
            elif _counts(path) and others is not None:
                others.append(path)


def _is_special(path: Path) -> bool:
    """Return whether something in a folder is a pipe, a socket or a device in place of a file."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:  # whoever reads it says why it cannot be read
        return False


def _skipped_note(skipped: list[Path]) -> list[str]:
    """Return a line that counts and names the files that are no images, none without any."""
    if not skipped:
        return []
    named = listed([str(path) for path in skipped], NAMED)
    count = "1 file" if len(skipped) == 1 else f"{len(skipped):,} files"
    return [f"{count} skipped, as {FORMATS} images are expected: {named}"]

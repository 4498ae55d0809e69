"""The user's own images: ``folder:PATH``, read from PATH/train/CLASS/* and PATH/test/CLASS/*."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nac.data.request import Request
from nac.data.splits import Source, held_out
from nac.utils.errors import InputError

ENDINGS = (".jpg", ".jpeg", ".png")


@dataclass(frozen=True)
class Listing:
    """Image files of a split and their labels.

    Attributes:
        files: paths.
        labels: (files,), int32.
    """

    files: tuple[Path, ...]
    labels: np.ndarray

    def chosen(self, mask: np.ndarray) -> "Listing":
        """Return the files for which the mask is true."""
        files = tuple(file for file, taken in zip(self.files, mask, strict=True) if taken)
        return Listing(files, self.labels[mask])


def load_folder(request: Request) -> Source:
    """Read a folder of images, JPEG or PNG of any size, gray or color.

    The classes are the folders of PATH/train in the order of their names. All images are stretched
    to squares of ``parameters.image_size``, and are in color if any is. Transparency is dropped.
    Without PATH/test every fifth file of each class, by name, is a test image. Of a hundred files
    one may be unreadable (one at least); it is named and skipped.

    Args:
        request: PATH is its argument.

    Raises:
        InputError: no such folder, fewer than two classes, a class without images, a test class
            that has no training images, too many unreadable files, or no image_size.
    """
    if request.data_dir is not None:
        raise InputError(
            f"data_dir: {request.name!r} says where it is itself, received {request.data_dir!r}"
        )
    side = request.side()
    classes, train, test = list_folder(Path(request.argument).expanduser())
    from nac.data.folder_images import load_images  # TensorFlow takes seconds

    return load_images(classes, train, test, side)


def list_folder(path: Path) -> tuple[list[str], Listing, Listing]:
    """Return the classes of a folder and the files of its two splits.

    Raises:
        InputError: see :func:`load_folder`.
    """
    classes = _folders(path / "train")
    if len(classes) < 2:
        raise InputError(
            f"{path / 'train'}: expected a folder for each of at least two classes,"
            f" received {', '.join(classes) or 'none'}"
        )
    train = _listing(path / "train", classes, classes)
    if not (path / "test").exists():
        return classes, *_split(path, train)
    found = _folders(path / "test")
    for name in found:
        if name not in classes:
            raise InputError(
                f"{path / 'test' / name}: expected only classes of {path / 'train'}:"
                f" {', '.join(classes)}"
            )
    if not found:
        raise InputError(f"{path / 'test'}: expected a folder for each class, received none")
    return classes, train, _listing(path / "test", found, classes)


def _folders(path: Path) -> list[str]:
    try:
        return sorted(
            entry.name for entry in path.iterdir() if entry.is_dir() and entry.name[0] != "."
        )
    except OSError as error:
        raise InputError(
            f"{path}: expected a folder of folders of images, one per class ({error.strerror})"
        ) from None


def _listing(path: Path, names: list[str], classes: list[str]) -> Listing:
    files, labels = [], []
    for name in names:
        found = _images(path / name)
        files += found
        labels += [classes.index(name)] * len(found)
    return Listing(tuple(files), np.array(labels, np.int32))


def _images(folder: Path) -> list[Path]:
    others = [path for path in sorted(folder.iterdir()) if path.name[0] != "."]
    images = [path for path in others if path.suffix.lower() in ENDINGS and path.is_file()]
    if not images:
        received = f"only {others[0].name} and the like" if others else "an empty folder"
        raise InputError(f"{folder}: expected JPEG or PNG images, received {received}")
    return images


def _split(path: Path, listing: Listing) -> tuple[Listing, Listing]:
    test = held_out(listing.labels)
    if not test.any():
        raise InputError(
            f"{path}: expected a folder 'test', or at least five images of a class in 'train'"
        )
    return listing.chosen(~test), listing.chosen(test)

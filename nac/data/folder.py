"""The user's own images: ``folder:PATH``, read from PATH/train/CLASS/* and PATH/test/CLASS/*."""

from pathlib import Path

import numpy as np

from nac.data.images import choose_test
from nac.data.source import ImageFacts, Request, Source
from nac.utils.errors import InputError

ENDINGS = (".jpg", ".jpeg", ".png")

Listing = tuple[np.ndarray, np.ndarray]
"""The image files of a split, (files,) strings, and their labels, (files,) int32."""


def load_folder(request: Request) -> Source:
    """Read a folder of JPEG or PNG images of any size, gray or color.

    The classes are the folders in PATH/train in the order of their names. All images are stretched
    to squares of ``parameters.image_size``, and all become color images if any is one.
    Transparency is dropped. Without PATH/test, every fifth file of each class, by name, is a test
    image. An unreadable file is named and skipped, unless more than one in a hundred (and more
    than one in all) are unreadable.

    Args:
        request: The PATH is its argument.

    Raises:
        InputError: There is no such folder, there are fewer than two classes, a class has no
            images, a test class has no training images, too many files are unreadable, or
            image_size is missing.
    """
    request.need_no_directory("already says where the images are")
    side, path = request.required_image_size(), Path(request.argument).expanduser()
    classes, train, test = list_folder(path)
    from nac.data.folder_images import load_images  # TensorFlow takes seconds to import

    return load_images(path / "train", classes, train, test, side)


def folder_facts(request: Request) -> ImageFacts:
    """Return what the folders say about their images, which count as color images.

    Raises:
        InputError: See :func:`load_folder`.
    """
    side, path = request.required_image_size(), Path(request.argument).expanduser()
    return ImageFacts((side, side, 3), len(list_folder(path)[0]))


def list_folder(path: Path) -> tuple[list[str], Listing, Listing]:
    """Return the classes of a folder, its training files and its test files.

    Raises:
        InputError: See :func:`load_folder`.
    """
    classes = _folders(path / "train")
    if len(classes) < 2:
        raise InputError(
            f"{path / 'train'}: expected a folder for each of at least two classes,"
            f" received {', '.join(classes) or 'none'}"
        )
    train = _listing(path / "train", classes, classes)
    if not (path / "test").exists():
        return classes, *_split(path, *train)
    test_classes = _folders(path / "test")
    for name in test_classes:
        if name not in classes:
            raise InputError(
                f"{path / 'test' / name}: expected only classes of {path / 'train'}:"
                f" {', '.join(classes)}"
            )
    if not test_classes:
        raise InputError(f"{path / 'test'}: expected a folder for each class, received none")
    return classes, train, _listing(path / "test", test_classes, classes)


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
    files: list[str] = []
    labels: list[int] = []
    for name in names:
        images = _images(path / name)
        files += images
        labels += [classes.index(name)] * len(images)
    return np.array(files, object), np.array(labels, np.int32)


def _images(folder: Path) -> list[str]:
    visible = [path for path in sorted(folder.iterdir()) if path.name[0] != "."]
    images = [str(path) for path in visible if path.suffix.lower() in ENDINGS and path.is_file()]
    if not images:
        received = f"only other files such as {visible[0].name}" if visible else "an empty folder"
        raise InputError(f"{folder}: expected JPEG or PNG images, received {received}")
    return images


def _split(path: Path, files: np.ndarray, labels: np.ndarray) -> tuple[Listing, Listing]:
    test = choose_test(labels)
    if not test.any():
        raise InputError(
            f"{path}: expected a folder 'test', or at least five images of a class in 'train'"
        )
    return (files[~test], labels[~test]), (files[test], labels[test])

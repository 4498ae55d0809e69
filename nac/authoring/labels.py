"""Names of classes and the class of each image, as a Python program gives them."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from nac.utils import limits
from nac.utils.errors import InputError
from nac.utils.schema import check_class_name, is_integer, shown
from nac.utils.text import in_utf8, listed


def checked_class_names(names: Any) -> tuple[str, ...]:
    """Return what was given as names of classes, which may be None for none.

    Raises:
        InputError: They are not different texts.
    """
    if names is None:
        return ()
    if isinstance(names, str | bytes) or not isinstance(names, Iterable):
        raise InputError(f"class_names: expected a list of names, received {shown(names)}")
    names = tuple(names)
    for number, name in enumerate(names):
        check_class_name(name, f"class_names[{number}]")
        if name in names[:number]:
            raise InputError(f"class_names: expected different names, received {name!r} twice")
    return tuple(map(str, names))


def names_of(labels: np.ndarray, class_names: tuple[str, ...], place: str) -> np.ndarray:
    """Return the name of the class of each image, (images,) strings.

    Args:
        labels: Names or numbers, (images,) or (images, 1), or one-hot vectors, (images, classes).
        class_names: Names of the classes 0, 1, ...; without them, a number is its own name.
        place: What the labels are called in messages.

    Raises:
        InputError: They are not a class for each image.
    """
    labels = _one_each(labels, place)
    if labels.dtype.kind in "USO" and not all(map(is_integer, labels.tolist())):
        return _known([_text(label, place) for label in labels.tolist()], class_names, place)
    numbers = _numbers(labels, place)
    if not class_names:
        return np.array([str(number) for number in numbers.tolist()], object)
    if numbers.max() >= len(class_names):
        raise InputError(
            f"{place}: expected classes from 0 to {len(class_names) - 1}, as there are"
            f" {len(class_names)} class_names, received {numbers.max()}"
        )
    return np.array(class_names, object)[numbers]


def _one_each(labels: np.ndarray, place: str) -> np.ndarray:
    """Return labels as (images,): one-hot vectors become numbers."""
    if labels.ndim == 2 and labels.shape[1] > 1:
        return _of_one_hot(labels, place)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or labels.dtype.kind not in "iufbUSO":
        raise InputError(
            f"{place}: expected a class for each image, received labels of shape {labels.shape}"
        )
    return labels


def _of_one_hot(labels: np.ndarray, place: str) -> np.ndarray:
    ones = labels == 1
    wrong = (ones.sum(axis=1) != 1) | (~(ones | (labels == 0))).any(axis=1)
    if wrong.any():
        row = labels[wrong.argmax()]
        raise InputError(
            f"{place}: expected one-hot vectors, a single 1 and zeros, received"
            f" {shown(row.tolist())}"
        )
    return ones.argmax(axis=1)


def _numbers(labels: np.ndarray, place: str) -> np.ndarray:
    for label in set(labels.tolist()):
        if not 0 <= label <= limits.INTEGER or label != int(label):  # not: also for NaN
            raise InputError(
                f"{place}: expected classes as names or numbers >= 0, received {shown(label)}"
            )
    return labels.astype(int)


def _known(names: list[str], class_names: tuple[str, ...], place: str) -> np.ndarray:
    unknown = sorted(set(names) - set(class_names)) if class_names else []
    if unknown:
        raise InputError(
            f"{place}: expected only the classes {listed(class_names)}, received {unknown[0]!r}"
        )
    return np.array(names, object)


def _text(label: Any, place: str) -> str:
    if not isinstance(label, str | bytes):
        raise InputError(
            f"{place}: expected classes as names or numbers >= 0, received {shown(label)}"
        )
    try:
        text = label.decode() if isinstance(label, bytes) else label
    except UnicodeDecodeError:
        raise InputError(
            f"{place}: expected names of classes in UTF-8, received {shown(label)}"
        ) from None
    check_class_name(text, place)
    return in_utf8(text)

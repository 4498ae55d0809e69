"""Classifiers as files.

A ``.keras`` file is a zip archive. ``config.json`` in it names the class of the model, and Keras
looks first for a class that is registered under ``registered_name``, then for the one that
``module`` and ``class_name`` say. A classifier of Keras' own layers is both: nac's
:class:`~nac.models.classifier.PhotoClassifier` where nac is imported, and elsewhere the functional
model that it is derived from. That one refuses class names and provenance among its arguments;
they are in the entry of its first layer, where it ignores them.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from nac.models.classifier import FACTS, KERAS, PhotoClassifier
from nac.utils.files import whole_or_not

CONFIG, METADATA = "config.json", "metadata.json"
"""Members of the archive."""

Change = Callable[[dict[str, Any]], dict[str, Any]]

FUNCTIONAL = {"module": "keras.src.models.functional", "class_name": "Functional"}
"""How Keras names the class of any functional model in a file."""


def write_classifier(classifier: PhotoClassifier, path: Path) -> None:
    """Save a classifier, whole or not at all. The same classifier gives the same bytes."""
    with whole_or_not(path) as partial, TemporaryDirectory() as folder:
        saved = Path(folder) / path.name
        classifier.save(saved)
        _rewrite(saved, partial, classifier.provenance.layers)


def _rewrite(saved: Path, partial: Path, layers: str) -> None:
    """Write an archive of Keras anew, with the class and without the date."""
    with ZipFile(saved) as source, ZipFile(partial, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == CONFIG:
                content = _changed(content, _for_everyone(layers))
            elif name == METADATA:
                content = _changed(content, _without_date)
            target.writestr(ZipInfo(name), content, ZIP_STORED)  # the date of ZipInfo is constant


def _changed(content: bytes, change: Change) -> bytes:
    return _numbered(json.dumps(change(json.loads(content)))).encode()


def _numbered(config: str) -> str:
    """Return a configuration with small numbers in place of memory addresses, which name objects.

    Keras marks in this way that layers share an object, such as their dtype policy.
    """
    numbers: dict[str, int] = {}
    return re.sub(
        r'("shared_object_id": )(\d+)',
        lambda found: found[1] + str(numbers.setdefault(found[2], len(numbers) + 1)),
        config,
    )


def _for_everyone(layers: str) -> Change:
    """Return the function that changes a model's configuration as this module says."""

    def change(model: dict[str, Any]) -> dict[str, Any]:
        config = dict(model["config"])
        facts = {name: config.pop(name) for name in FACTS}
        first, *others = config["layers"]
        config["layers"] = [{**first, **facts}, *others]
        return {**model, "config": config, **(FUNCTIONAL if layers == KERAS else {})}

    return change


def _without_date(metadata: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in metadata.items() if name != "date_saved"}

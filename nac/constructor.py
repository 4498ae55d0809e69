"""``nac.Constructor``: networks for one's own images in the manner of Keras."""

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nac.api import run_construction
from nac.authoring.given import (
    Given,
    dataset_digest,
    from_arrays,
    from_dataset,
    to_predict,
)
from nac.authoring.labels import checked_class_names
from nac.authoring.own_arrays import author_arrays
from nac.authoring.own_images import MINUTES, Authored, Wishes
from nac.cluster.members import MULTI_WORKER
from nac.config import load_experiment
from nac.predicting.photos import (
    Prediction,
    check_finite,
    find_images,
    predict_files,
    predict_pixels,
)
from nac.reporting.opened_run import OpenedRun, ReportPage
from nac.reporting.process import write_report
from nac.runs.layout import CLASSIFIER, FINAL, INIT, is_done
from nac.runs.settings import checked_seed
from nac.utils.errors import InputError, NacError
from nac.utils.files import write_atomically
from nac.utils.processes import locked, quietly
from nac.utils.schema import plain_number, whole_number
from nac.utils.text import listed

if TYPE_CHECKING:
    from nac.models.classifier import PhotoClassifier

NOTHING_TRAINED = "expected a trained network; call fit() first"

PathLike = str | os.PathLike[str]


class Constructor:
    """Constructs and trains a network for images, as ``nac construct --images`` does.

    All trainings are processes of their own, and everything is kept in a run directory. If a call
    is interrupted, the same call with the same directory continues it.

    Args:
        budget_minutes: Minutes of search and full training together.
        directory: The run directory.
        max_parameters: Largest number of parameters of a network, by default as many as the time
            allows.
        image_size: Side in pixels to which images are stretched, by default as large as the time
            allows. Not for folders.
        seed: Seed of weights, order of images and augmentation.
        **settings: How jobs run, see :func:`nac.run_construction`; not with the strategy
            ``multi_worker``.

    Example::

        constructor = nac.Constructor(budget_minutes=15, directory="runs/flowers")
        constructor.search("flowers")        # a folder of folders of images, one per class
        constructor.fit()
        constructor.evaluate()               # {"accuracy": ..., "loss": ...}
        for prediction in constructor.predict(["a.jpg", "b.jpg"]):
            print(prediction)                # a.jpg: tulip (98.2%)
    """

    def __init__(
        self,
        budget_minutes: float = MINUTES,
        directory: PathLike = "runs/constructor",
        *,
        max_parameters: int | None = None,
        image_size: int | None = None,
        seed: int = 0,
        **settings: Any,
    ):
        self.directory = Path(directory)
        given = (budget_minutes, max_parameters, image_size)
        self._wishes = Wishes(*map(plain_number, given))
        self._wishes.check()
        if settings.get("strategy") == MULTI_WORKER:
            raise InputError(
                f"strategy: expected another one than {MULTI_WORKER!r} here, as the images of this"
                " process are not those of others; nac.run_construction takes it"
            )
        self._options = {"seed": checked_seed(seed), **settings}

    def search(
        self,
        x: Any,
        y: Any = None,
        validation_data: Any = None,
        class_names: Sequence[str] | None = (),
    ) -> OpenedRun:
        """Construct a network in short trainings.

        Args:
            x: A folder of images, one folder per class; or pixels from 0 to 255, an array of shape
                (n, height, width[, channels]); or a ``tf.data.Dataset`` of (image, label), in
                batches or not.
            y: With an array: the class of each image, as name, number or one-hot vector.
            validation_data: (x, y) or a data set that scores the network when it is trained. No
                choice is made by these images. Without them, every fifth image of each class
                scores.
            class_names: Names of the classes 0, 1, ...

        Returns:
            The run, which a notebook shows.

        Raises:
            InputError: These are not images with a class each.
            NacError: A job failed, or the directory holds a run on other images.
        """
        names = checked_class_names(class_names)
        if isinstance(x, str | os.PathLike):
            if y is not None or validation_data is not None or names:
                raise InputError("expected nothing but the folder, which has the classes, too")
            return self._construct(images=x, search_only=True)
        authored = self._author(x, y, validation_data, names)
        if not self._options.get("quiet"):
            print("\n".join(authored.lines), flush=True)
        return self._construct(experiment=self.directory / INIT, search_only=True)

    def fit(self) -> OpenedRun:
        """Train the constructed network fully, and write the report.

        Returns:
            The run, which a notebook shows.

        Raises:
            InputError: There was no search.
            NacError: The job failed.
        """
        dataset = self._dataset()
        if dataset.startswith("folder:"):
            return self._construct(images=dataset.removeprefix("folder:"), report=True)
        return self._construct(experiment=self.directory / INIT, report=True)

    def results_summary(self) -> None:
        """Print a table of the trainings so far and the constructed network."""
        print(self.run.summary())

    def evaluate(self, x: Any = None, y: Any = None) -> dict[str, float]:
        """Return accuracy and loss of the trained network.

        Args:
            x: Pixels from 0 to 255; by default the images that the run kept for this.
            y: The class of each image as in :meth:`search`.

        Raises:
            InputError: These are not images of known classes, or nothing is trained yet.
            NacError: The answers of the network are not finite.
        """
        if x is None:
            if y is not None:
                raise InputError("x: expected the images of y, received None")
            if not is_done(self.directory / FINAL):
                raise InputError(f"{self.directory}: {NOTHING_TRAINED}")
            result = self.run.results[FINAL]
            return {"accuracy": result.accuracy, "loss": result.loss}
        names = self.model.class_names
        # Numbers that are names mean the class of that name, as they did in the search.
        named = not all(name.isdigit() for name in names)
        given = from_arrays(x, y, names if named else ())
        _check_known(given.names, names)
        labels = np.array([names.index(name) for name in given.names.tolist()])
        probabilities = self.model.predict(given.images, verbose=0)
        check_finite(probabilities, self.directory / CLASSIFIER)
        right = probabilities[np.arange(len(labels)), labels]
        return {
            "accuracy": float(np.mean(probabilities.argmax(axis=1) == labels)),
            "loss": float(np.mean(-np.log(np.maximum(right, 1e-12)))),
        }

    def predict(self, x: Any, top: int = 3) -> list[Prediction]:
        """Return the most probable classes of images. ``model.predict`` has all probabilities.

        Args:
            x: Paths of image files and folders, or pixels from 0 to 255, (n, height, width[,
                channels]); a single image needs ``image[np.newaxis]``.
            top: Number of classes for each image.

        Raises:
            InputError: An image cannot be read, or nothing is trained yet.
            NacError: The answers of the network are not finite.
        """
        top, source = whole_number(top, "top", 1), self.directory / CLASSIFIER
        if isinstance(x, str | os.PathLike):
            x = [x]
        if isinstance(x, Sequence) and x and all(isinstance(p, str | os.PathLike) for p in x):
            answers = list(predict_files(self.model, find_images(x), top, source))
            for answer in answers:
                if isinstance(answer, str):
                    raise InputError(answer)
            return [answer for answer in answers if isinstance(answer, Prediction)]
        return predict_pixels(self.model, to_predict(x), top, source)

    @property
    def run(self) -> OpenedRun:
        """The run directory as an object, which a notebook shows."""
        return OpenedRun(self.directory)

    @cached_property
    def model(self) -> "PhotoClassifier":
        """The trained classifier, a Keras model from pixels to probabilities.

        Raises:
            InputError: Nothing is trained yet.
        """
        path = self.directory / CLASSIFIER
        if not path.is_file():
            raise InputError(f"{self.directory}: {NOTHING_TRAINED}")
        with quietly():
            return self.run.classifier

    def report(self) -> ReportPage:
        """Write the report anew. A notebook shows it; ``path`` says where it is.

        Needs the extra ``report``.

        Raises:
            NacError: It cannot be written.
        """
        message = write_report(self.directory)
        if "not written" in message:
            raise NacError(message)
        return ReportPage(self.run.report)

    def _construct(self, **arguments: Any) -> OpenedRun:
        return run_construction(
            workdir=self.directory.parent,
            name=self.directory.name,
            minutes=self._wishes.minutes,
            max_parameters=self._wishes.parameters,
            **arguments,
            **self._options,
        )

    def _author(self, x: Any, y: Any, validation: Any, names: tuple[str, ...]) -> Authored:
        """Keep the images in the run directory and write its experiment."""
        is_dataset = hasattr(x, "element_spec")
        if is_dataset and y is not None:
            raise InputError("y: expected none, as the data set has the classes")
        # A data set is read only if its images are not there yet, while arrays are here anyway.
        train = None if is_dataset else from_arrays(x, y, names)
        digest = train.digest if train else dataset_digest(x)

        def give() -> tuple[Given, Given | None]:
            images = train or from_dataset(x, names)
            return images, _validation(validation, images.order)

        with locked(self.directory, "run"):
            authored = author_arrays(digest, give, self.directory, self._wishes)
            if authored.text:
                write_atomically(self.directory / INIT, authored.text)
        return authored

    def _dataset(self) -> str:
        """Return the name of the data set of the run."""
        path = self.directory / INIT
        if not path.is_file():
            raise InputError(f"{self.directory}: expected a search; call search() first")
        return str(load_experiment(str(path)).parameters.dataset)


def _check_known(given: np.ndarray, names: tuple[str, ...]) -> None:
    unknown = sorted(set(given.tolist()) - set(names))
    if unknown:
        raise InputError(
            f"y: expected only classes that the network knows ({listed(names)}), received"
            f" {unknown[0]!r}"
        )


def _validation(data: Any, names: tuple[str, ...]) -> Given | None:
    if data is None:
        return None
    if hasattr(data, "element_spec"):
        return from_dataset(data, names, "validation_data")
    if not isinstance(data, tuple | list) or len(data) != 2:
        many = f" of {len(data)}" if isinstance(data, tuple | list) else ""
        raise InputError(
            "validation_data: expected (x, y) or a tf.data.Dataset, received a"
            f" {type(data).__name__}{many}"
        )
    x, y = data
    return from_arrays(x, y, names, "validation_data")

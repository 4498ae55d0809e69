"""The two parts of a rival's job: its search, and what is made of the best candidate."""

import importlib
import math
import time
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from nac.data.datasets import load_dataset
from nac.data.images import Images
from nac.data.rows import in_memory
from nac.rivals.falling_rate import FallingRate
from nac.rivals.result import RivalJob, RivalResult
from nac.rivals.rival import Found, Search
from nac.rivals.table import RIVALS
from nac.runs.devices import device_names
from nac.runs.layout import DECODED
from nac.utils.errors import InputError, JobError

WRITING_SECONDS = 1.0
WITHOUT_END = 1_000_000


def search(job: RivalJob, files: Path, end: float) -> None:
    """Let a rival search until its time is over.

    Args:
        job: What it is given.
        files: Directory for what it finds.
        end: When the search must end, on the clock of ``time.monotonic``.

    Raises:
        InputError: The data set is missing, or does not fit into memory.
    """
    keras.utils.set_random_seed(job.seed)
    RIVALS[job.rival].search(Search(rival_images(job, files), job.seed, end, files))


def finish(job: RivalJob, files: Path, started: float) -> RivalResult:
    """Train the best candidate of a search that has ended, until the time is over; score it.

    Args:
        job: What the rival is given.
        files: Directory with what it found.
        started: When its seconds began, on the clock of ``time.monotonic``.

    Raises:
        InputError: The data set is missing, or does not fit into memory.
        JobError: There is no candidate.
    """
    searched = time.monotonic()
    keras.utils.set_random_seed(job.seed)
    images = rival_images(job, files)
    try:
        found = RIVALS[job.rival].best(Search(images, job.seed, searched, files))
    except LookupError as error:
        raise JobError(f"no model within its seconds: {error}") from None
    _compile_anew(found.model)
    scoring = _scoring_seconds(found, images)
    train_further(found, images, started + job.seconds - scoring - WRITING_SECONDS)
    return RivalResult(
        accuracy=_accuracy(found, images.test_images, images.test_labels),
        parameters=sum(math.prod(weight.shape) for weight in found.model.trainable_weights),
        seconds=round(time.monotonic() - started, 3),
        search_seconds=round(searched - started, 3),
        candidates=found.candidates,
        images=len(images.test_labels),
        device=" and ".join(sorted(set(device_names()))),
        versions=_versions(RIVALS[job.rival].packages),
    )


def rival_images(job: RivalJob, files: Path) -> Images:
    """Return the images of a job as numbers from 0 to 1, some of them held out.

    Args:
        job: What the rival is given.
        files: Directory in which the search leaves the images that it has decoded.

    Raises:
        InputError: The data set is missing, or does not fit into memory.
    """
    source = load_dataset(
        job.dataset,
        job.data_dir,
        job.image_size,
        job.validation_share,
        decoded_dir=str(files / DECODED),
    )
    if not isinstance(source, Images) or not in_memory(source.train_images):
        raise InputError(f"{job.dataset}: expected a data set that fits into memory for --rivals")
    return replace(
        source,
        train_images=_scaled(source.train_images),
        validation_images=_scaled(source.validation_images),
        test_images=_scaled(source.test_images),
    )


def _scaled(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(np.float32) / 255.0


def _compile_anew(model: keras.Model) -> None:
    """Compile a model with a constant learning rate, which can be changed while it trains."""
    settings = model.optimizer.get_config()
    settings["learning_rate"] = float(model.optimizer.learning_rate)
    model.compile(
        optimizer=type(model.optimizer).from_config(settings),
        loss=model.loss,
        metrics=["accuracy"],
    )


def _scoring_seconds(found: Found, images: Images) -> float:
    """Return about how long the test images take, from the time of the held-out ones."""
    before = time.monotonic()
    accuracy = _accuracy(found, images.validation_images, images.validation_labels)
    print(f"accuracy of the best candidate on held-out images: {accuracy:.4f}", flush=True)
    share = len(images.test_labels) / len(images.validation_labels)
    return (time.monotonic() - before) * max(1.0, share)


def train_further(found: Found, images: Images, end: float) -> None:
    """Train the best candidate on all training images until it is time to score it."""
    if time.monotonic() >= end:
        return
    pixels = np.concatenate([images.train_images, images.validation_images])
    labels = np.concatenate([images.train_labels, images.validation_labels])
    found.model.fit(
        *found.encode(pixels, labels),
        batch_size=found.batch_size,
        epochs=WITHOUT_END,
        callbacks=[FallingRate(end)],
        verbose=2,
    )


def _accuracy(found: Found, pixels: np.ndarray, labels: np.ndarray) -> float:
    score = found.model.evaluate(*found.encode(pixels, labels), verbose=0, return_dict=True)
    return float(score["accuracy"])


def _versions(packages: tuple[str, ...]) -> dict[str, str]:
    versions = {name: importlib.import_module(name).__version__ for name in packages}
    return {**versions, "tensorflow": tf.__version__, "keras": keras.__version__}

"""The rival ``autokeras``: ``ImageClassifier``, as long as the time allows."""

import autokeras
import keras
import keras_tuner
import numpy as np
from autokeras.utils import data_utils

from nac.rivals.end_of_search import EndOfSearch, scored
from nac.rivals.rival import Found, Search

BATCH_SIZE = 32
"""Images per training step, as AutoKeras has it by default."""

WITHOUT_END = 1_000_000
"""Candidates at most: the time ends the search."""

PATIENCE, LEAST_IMPROVEMENT = 10, 1e-4
"""When AutoKeras stops training a candidate by default. It only does so by itself where it also
trains the best one anew at the end, without an eye on the time."""


def search_autokeras(search: Search) -> None:
    """Search by ``ImageClassifier.fit`` until the time is over."""
    images, classifier = search.images, _classifier(search)
    try:
        classifier.fit(
            images.train_images,
            images.train_labels,
            validation_data=(images.validation_images, images.validation_labels),
            batch_size=BATCH_SIZE,
            callbacks=[
                EndOfSearch(classifier.tuner.oracle, search.end),
                keras.callbacks.EarlyStopping(patience=PATIENCE, min_delta=LEAST_IMPROVEMENT),
            ],
            verbose=2,
        )
    except keras_tuner.errors.FatalError as reason:
        print(reason)


def best_of_autokeras(search: Search) -> Found:
    """Return the best candidate of a search that has ended.

    Raises:
        LookupError: There is none.
    """
    images, classifier = search.images, _classifier(search)  # reads what the search wrote
    tuner = classifier.tuner
    (trial,) = tuner.oracle.get_best_trials(1) or [None]
    if trial is None:
        raise LookupError("no candidate was scored")
    pipeline = autokeras.pipeline.load_pipeline(tuner._pipeline_path(trial.trial_id))

    def encode(pixels: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        adapted, _ = classifier._check_and_adapt(pixels, labels, None)
        return pipeline.transform(adapted)

    # What ``fit`` tells the graph before it searches; there is no public way to read a search back.
    tuner.hypermodel.set_fit_args(0)
    encoded = encode(images.train_images, images.train_labels)
    tuner.hypermodel.set_io_shapes(data_utils.dataset_shape(encoded))
    return Found(tuner.load_model(trial), scored(tuner.oracle), BATCH_SIZE, encode)


def _classifier(search: Search) -> autokeras.ImageClassifier:
    images = search.images
    classifier = autokeras.ImageClassifier(
        num_classes=images.classes,
        max_trials=WITHOUT_END,
        objective="val_accuracy",
        seed=search.seed,
        directory=str(search.directory),
        project_name="autokeras",
    )
    _use_python_integers(classifier.tuner.hypermodel)
    dataset, _ = classifier._check_and_adapt(images.train_images, images.train_labels, None)
    classifier._analyze_data(dataset)
    return classifier


def _use_python_integers(graph: autokeras.graph.Graph) -> None:
    """Have a graph of AutoKeras 3.0 keep shapes as integers of Python.

    It takes them from NumPy arrays, and since 3.15 Keras refuses those as a number of units.
    """
    keep = graph.set_io_shapes

    def set_io_shapes(shapes) -> None:
        keep(shapes)
        for holder in (*graph.inputs, *(node.in_blocks[0] for node in graph.outputs)):
            holder.shape = tuple(map(int, holder.shape))

    graph.set_io_shapes = set_io_shapes

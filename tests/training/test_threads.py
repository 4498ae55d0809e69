"""Threads for the size of a network."""

import pytest
import tensorflow as tf

from nac.config import training_job
from nac.training.threads import MANY_VALUES, first_featuremap, use_fitting_threads
from tests.builders import CLASSIFIER, layer, network, stem
from tests.config.examples import TRAINING, parsed


def job(batch=10, channels=6, **parameters):
    """Return a job on images of 8x8 pixels."""
    experiment = parsed(
        parameters={"dataset": "digits", "steps": 1, "batch_size": batch, **parameters},
        child_training=TRAINING,
        init_cell=stem(channels),
        classification_cell=CLASSIFIER,
        arch=network(layer("3x3"), init_cell=stem(channels), classification_cell=CLASSIFIER),
    )
    return training_job(experiment, experiment.need("arch"), experiment.recipe)


@pytest.fixture
def threads(monkeypatch):
    """Note what is set instead of setting it, which is not possible in the midst of a process."""
    chosen = {}
    for kind in ("intra", "inter"):
        monkeypatch.setattr(
            tf.config.threading,
            f"set_{kind}_op_parallelism_threads",
            lambda number, kind=kind: chosen.update({kind: number}),
        )
    monkeypatch.setattr("nac.training.threads.available_cores", lambda: 3)
    return chosen


def test_the_first_featuremap_is_batch_times_pixels_times_channels():
    assert first_featuremap(job()) == 10 * 8 * 8 * 6


def test_where_the_size_of_images_is_only_in_their_files_it_is_unknown():
    assert first_featuremap(job(dataset="folder:photos")) is None


def test_operations_of_a_small_network_have_one_thread_each(threads):
    use_fitting_threads(job())
    assert threads == {"intra": 1, "inter": 3}


def test_large_operations_have_as_many_threads_as_tensorflow_chooses(threads):
    use_fitting_threads(job(batch=1 + MANY_VALUES // (8 * 8 * 6)))
    assert threads == {}


def test_without_a_known_size_tensorflow_chooses(threads):
    use_fitting_threads(job(dataset="folder:photos"))
    assert threads == {}

"""The classifier that a training leaves: its provenance, and what the user is told."""

from contextlib import nullcontext
from types import SimpleNamespace

import keras
import pytest

from nac import __version__
from nac.architecture.branch_types import BRANCH_TYPES
from nac.config import parse_experiment
from nac.data.datasets import load_dataset
from nac.data.imagenet_images import inception
from nac.data.stream import Stream
from nac.models import build_model
from nac.models.loading import load_classifier
from nac.training.delivery import deliver
from nac.training.evaluation import Score
from tests.builders import layer
from tests.experiments import training
from tests.models.small_networks import classifier, small

SCORE = Score(accuracy=0.75, loss=1.0, images=355)


def delivered(directory, block="1x1", source=None, **parameters):
    """Deliver a network that was not trained; return what the user is told."""
    network = small(layer(block), classification_cell=classifier(classes=10))
    model = build_model(network, (8, 8, 1))
    steps = SimpleNamespace(model=model, average=SimpleNamespace(in_place=nullcontext))
    experiment = parse_experiment(training(parameters={"seed": 3, **parameters}), "job.json")
    directory.mkdir(parents=True)
    return deliver(steps, experiment, source or load_dataset("digits"), SCORE, directory)


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("runs") / "mine" / "final"
    assert delivered(directory) is None
    return directory


def test_the_provenance_is_that_of_the_job(directory):
    provenance = load_classifier(directory / "classifier.keras").provenance
    assert (provenance.seed, provenance.nac, provenance.dataset) == (3, __version__, "digits")
    assert (provenance.split, provenance.accuracy, provenance.scored_images) == ("test", 0.75, 355)
    assert provenance.network == "6/2-1/2"
    assert provenance.layers == "keras"


def test_the_final_training_of_a_run_has_the_name_of_the_run(directory):
    assert load_classifier(directory / "classifier.keras").provenance.run == "mine"


def test_another_training_has_the_name_of_its_directory(tmp_path):
    delivered(tmp_path / "other")
    assert load_classifier(tmp_path / "other" / "classifier.keras").provenance.run == "other"


def test_equal_trainings_give_equal_bytes(tmp_path):
    contents = []
    for place in ("a", "b"):
        keras.utils.set_random_seed(0)
        keras.backend.clear_session()
        delivered(tmp_path / place / "same" / "final")
        contents.append((tmp_path / place / "same" / "final" / "classifier.keras").read_bytes())
    assert contents[0] == contents[1]


def test_a_job_that_is_scored_on_validation_images_says_so(tmp_path):
    delivered(tmp_path / "job", score_test=False, validation_share=0.1)
    assert load_classifier(tmp_path / "job" / "classifier.keras").provenance.split == "validation"


def test_the_user_is_told_about_layers_of_others(monkeypatch, tmp_path):
    class Own(keras.layers.Conv2D):
        pass

    monkeypatch.setitem(
        BRANCH_TYPES._entries, "own", lambda size, filters, dtype: Own(filters, size)
    )
    note = delivered(tmp_path / "job", "1x1own")
    assert note == (
        "note: classifier.keras has layers that are not Keras' own; import nac to load it"
    )


def test_images_that_are_more_than_resized_get_no_classifier(tmp_path):
    source = Stream((8, 8, 1), 3, 1, None, None, lambda example: example, inception(8))
    note = delivered(tmp_path / "job", source=source)
    assert note.startswith("note: no classifier.keras: images of digits are prepared by more")
    assert list((tmp_path / "job").iterdir()) == []

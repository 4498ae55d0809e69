"""From the answers of an evaluation to what a job leaves of them."""

import numpy as np
import pytest

from nac.data.images import Images
from nac.training.evaluation import Answers
from nac.training.predicted import predictions_of, show

PIXELS = np.arange(3, dtype=np.uint8)[:, None, None, None] * np.ones((2, 2, 1), np.uint8) * 100
LABELS = np.array([0, 1, 1], np.int32)
ANSWERS = Answers(
    labels=LABELS,
    predicted=np.array([0, 0, 1], np.int32),
    confidence=np.array([0.5, 0.75, 1.0], np.float32),
    losses=np.log(np.array([2.0, 4.0, 1.0], np.float32)),
)


def source(**changes):
    return Images(PIXELS, LABELS, PIXELS, LABELS, classes=2, **changes)


def test_the_probability_of_the_true_class_follows_from_the_loss():
    found = predictions_of(ANSWERS, source(), "test")
    np.testing.assert_allclose(found.true_probability, [0.5, 0.25, 1.0], rtol=1e-6)
    assert found.confidence.tolist() == [0.5, 0.75, 1.0]


@pytest.mark.parametrize(
    ("changes", "names"), [({}, ("0", "1")), ({"class_names": ("cat", "dog")}, ("cat", "dog"))]
)
def test_classes_have_their_names_or_numbers(changes, names):
    assert predictions_of(ANSWERS, source(**changes), "test").class_names == names


def test_pictures_are_written_and_shown(tmp_path):
    shown = []

    class Board:
        def predictions(self, predictions, pictures, step):
            shown.append((predictions, sorted(pictures), step))

    predictions = predictions_of(ANSWERS, source(), "test")
    show(predictions, source(), tmp_path, Board(), 12)
    assert shown == [(predictions, [0, 1, 2], 12)]
    names = sorted(path.name for path in (tmp_path / "thumbnails").iterdir())
    assert names == ["000000.png", "000001.png", "000002.png"]

"""Figures of what the trained network answers."""

import pytest

pytest.importorskip("matplotlib")

from nac.plots.files import NothingToShowError
from nac.plots.quality import calibration_drawings, calibration_figure, confusion_drawings
from nac.quality.calibration import Bin
from nac.quality.file import write_predictions
from nac.runs.saved_run import load_run
from tests.plots.drawings import texts
from tests.plots.run_directories import write_run
from tests.quality.examples import predictions

ANSWERS = predictions([0, 0, 2, 1], [0, 0, 1, 1], [1.0, 1.0, 0.75, 1.0])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    directory = write_run(tmp_path_factory.mktemp("quality") / "small")
    write_predictions(directory / "final", ANSWERS)
    return load_run(directory)


def test_the_confusion_matrix_has_a_row_per_pair_of_classes_as_data(run):
    (drawing,) = confusion_drawings(run)
    assert drawing.name == "confusion"
    assert drawing.table.rows == [("ant", "ant", 2), ("bee", "bee", 1), ("cat", "bee", 1)]
    assert {"ant", "bee", "cat"} <= set(texts(drawing.figure))


def test_more_classes_than_pixels_have_no_confusion_matrix(tmp_path):
    names = tuple(map(str, range(21_000)))
    write_predictions(write_run(tmp_path / "small") / "final", predictions([0], [1], 0.5, names))
    with pytest.raises(NothingToShowError) as caught:
        next(confusion_drawings(load_run(tmp_path / "small")))
    assert str(caught.value) == "small: no confusion matrix, as 21000 classes are more than 1000"


def test_calibration_has_a_row_per_interval_as_data(run):
    (drawing,) = calibration_drawings(run)
    assert drawing.name == "calibration"
    assert drawing.table.rows == [(0.7, 0.8, 1, 0.75, 0.0), (0.9, 1.0, 3, 1.0, 1.0)]


def test_the_calibration_curve_goes_through_accuracy_over_confidence():
    curve = [Bin(0.5, 0.6, 20, 0.55, 0.5), Bin(0.9, 1.0, 1234, 0.95, 0.75)]
    figure = calibration_figure(curve)
    points = figure.axes[0].lines[-1].get_xydata().tolist()
    assert points == [[0.55, 0.5], [0.95, 0.75]]
    assert {"20", "1,234"} <= set(texts(figure))


@pytest.mark.parametrize("draw", [confusion_drawings, calibration_drawings])
def test_a_run_without_answers_has_nothing_to_show(tmp_path, draw):
    run = load_run(write_run(tmp_path))
    with pytest.raises(NothingToShowError, match=r": no predictions.npz of a final training$"):
        next(draw(run))


@pytest.mark.parametrize("draw", [confusion_drawings, calibration_drawings])
def test_so_has_a_run_without_a_final_training(tmp_path, draw):
    with pytest.raises(NothingToShowError):
        next(draw(load_run(write_run(tmp_path, final=False))))

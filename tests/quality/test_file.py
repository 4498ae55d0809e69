"""The file with the answers of a network."""

import dataclasses

import numpy as np
import pytest

from nac.quality.file import read_predictions, write_predictions
from tests.builders import input_error
from tests.quality.examples import predictions

ANSWERS = predictions([0, 2, 1], [0, 1, 1], [0.5, 0.75, 1.0])


def test_what_was_written_is_read(tmp_path):
    write_predictions(tmp_path, ANSWERS)
    found = read_predictions(tmp_path)
    assert (found.split, found.class_names) == ("test", ("ant", "bee", "cat"))
    for name in ("labels", "predicted", "confidence", "true_probability"):
        np.testing.assert_array_equal(getattr(found, name), getattr(ANSWERS, name))


def test_an_answer_is_right_if_it_is_the_label():
    assert ANSWERS.right.tolist() == [True, False, True]


def test_a_job_without_the_file_has_none(tmp_path):
    assert read_predictions(tmp_path) is None


def test_fifty_thousand_answers_of_a_thousand_classes_fit_into_a_megabyte(tmp_path):
    random = np.random.default_rng(0)
    labels, predicted = random.integers(0, 1000, (2, 50_000))
    names = tuple(f"class number {number}" for number in range(1000))
    write_predictions(tmp_path, predictions(labels, predicted, random.random(50_000), names))
    assert (tmp_path / "predictions.npz").stat().st_size < 2**20


def test_a_damaged_file_is_one_line(tmp_path):
    (tmp_path / "predictions.npz").write_bytes(b"PK\3\4 cut short")
    message = input_error(read_predictions, tmp_path)
    assert message.startswith(f"{tmp_path}/predictions.npz: expected predictions of nac train")


def test_a_file_of_another_version_is_refused(tmp_path):
    np.savez(tmp_path / "predictions.npz", version=np.array(2))
    message = input_error(read_predictions, tmp_path)
    assert message.startswith(f"{tmp_path}/predictions.npz: version: expected 1, received 2")


def test_a_missing_array_is_named(tmp_path):
    np.savez(tmp_path / "predictions.npz", version=np.array(1), labels=np.zeros(3, int))
    message = input_error(read_predictions, tmp_path)
    assert message.startswith(f"{tmp_path}/predictions.npz: class_names: missing")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"predicted": np.zeros(2, int)}, "predicted: expected 3 values, received shape (2,)"),
        ({"labels": np.array([0, 1, 3])}, "labels: expected classes from 0 to 2"),
    ],
)
def test_arrays_that_do_not_fit_are_named(tmp_path, changes, message):
    write_predictions(tmp_path, dataclasses.replace(ANSWERS, **changes))
    assert input_error(read_predictions, tmp_path).startswith(
        f"{tmp_path}/predictions.npz: {message}"
    )

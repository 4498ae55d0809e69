"""The file with the answers of a network."""

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
    assert message == f"{tmp_path}/predictions.npz: version: expected 1, received 2"


def test_a_missing_array_is_named(tmp_path):
    np.savez(tmp_path / "predictions.npz", version=np.array(1), labels=np.zeros(3, int))
    message = input_error(read_predictions, tmp_path)
    assert message.startswith(f"{tmp_path}/predictions.npz: class_names: missing")


INTEGERS = np.array([0, 2, 1], np.int32)
NUMBERS = np.array([0.5, 0.75, 1.0], np.float32)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": np.array([1, 1])}, "version: expected 1, received int64 of shape (2,)"),
        ({"version": np.array("1")}, "version: expected 1, received <U1 of shape ()"),
        ({"split": np.array("train")}, "split: expected test or validation, received 'train'"),
        (
            {"split": np.array(["test"])},
            "split: expected test or validation, received <U4 of shape (1,)",
        ),
        (
            {"class_names": np.array("ant")},
            "class_names: expected 1 to 65536 names, received <U3 of shape ()",
        ),
        (
            {"class_names": np.array([1, 2, 3])},
            "class_names: expected 1 to 65536 names, received int64 of shape (3,)",
        ),
        (
            {"class_names": np.array([], "<U1")},
            "class_names: expected 1 to 65536 names, received <U1 of shape (0,)",
        ),
        (
            {"labels": np.array(1)},
            "labels: expected a class for each of 1 to 5000000 images, received 1",
        ),
        (
            {"labels": np.zeros(0, int)},
            "labels: expected a class for each of 1 to 5000000 images,"
            " received int64 of shape (0,)",
        ),
        (
            {"predicted": np.zeros(2, int)},
            "predicted: expected 3 integers, received int64 of shape (2,)",
        ),
        (
            {"labels": np.array([0, 1, 3])},
            "labels: expected classes from 0 to 2, received 0 to 3",
        ),
        (
            {"predicted": np.array([-1, 1, 2])},
            "predicted: expected classes from 0 to 2, received -1 to 2",
        ),
        (
            {"confidence": NUMBERS.astype(complex)},
            "confidence: expected 3 floating-point numbers, received complex128 of shape (3,)",
        ),
        (
            {"confidence": np.array([0.5, np.nan, 1.0])},
            "confidence: expected probabilities from 0 to 1, received nan to nan",
        ),
        (
            {"true_probability": np.array([0.5, -np.inf, 1.5])},
            "true_probability: expected probabilities from 0 to 1, received -inf to 1.5",
        ),
    ],
)
def test_arrays_that_do_not_fit_are_named(tmp_path, changes, message):
    assert refusal(tmp_path, changes) == f"{tmp_path}/predictions.npz: {message}"


@pytest.mark.parametrize("dtype", ["U1", "M8[s]", "f8", "c16", "?"])
def test_classes_are_integers(tmp_path, dtype):
    labels = np.array([0, 1, 1]).astype(dtype)
    assert refusal(tmp_path, {"labels": labels}) == (
        f"{tmp_path}/predictions.npz: labels: expected 3 integers,"
        f" received {labels.dtype} of shape (3,)"
    )


def test_a_probability_may_be_rounded(tmp_path):
    write_arrays(tmp_path, {"confidence": np.array([0.5, 1.0005, -0.0005])})
    assert read_predictions(tmp_path).confidence.dtype == np.float32


def write_arrays(job, changes):
    """Write predictions of three images, some of whose arrays are others."""
    arrays = {
        "version": np.array(1),
        "split": np.array("test"),
        "class_names": np.array(["ant", "bee", "cat"]),
        "labels": INTEGERS,
        "predicted": INTEGERS,
        "confidence": NUMBERS,
        "true_probability": NUMBERS,
    }
    np.savez(job / "predictions.npz", **{**arrays, **changes})


def refusal(job, changes):
    write_arrays(job, changes)
    return input_error(read_predictions, job)

"""The trained weights as a file."""

import numpy as np
import pytest

from nac.training.weights_file import SavedWeights, read_weights, write_weights
from nac.utils.errors import JobError
from tests.builders import assert_says
from tests.training.examples import IMAGES, LABELS, make_steps


def error(call, *arguments):
    """Return the one line of the JobError that a call raises."""
    with pytest.raises(JobError) as caught:
        call(*arguments)
    text = str(caught.value)
    assert "\n" not in text
    return text


@pytest.fixture(scope="module")
def steps():
    """Steps of a network whose average is no longer its weights."""
    steps = make_steps()
    steps.train(IMAGES, LABELS, 0.5)
    return steps


def test_the_average_is_written_and_read_by_the_path_of_each_variable(steps, tmp_path):
    write_weights(steps, tmp_path / "w.npz")
    arrays = read_weights(tmp_path / "w.npz").arrays
    averages = zip(steps.model.trainable_variables, steps.average.values(), strict=True)
    for variable, average in averages:
        np.testing.assert_array_equal(arrays[variable.path], average)
    # Beside them there are the moving statistics of two batch norms.
    assert len(arrays) == len(steps.model.trainable_variables) + 4


def test_writing_leaves_the_weights_as_they_are(steps, tmp_path):
    before = [variable.numpy() for variable in steps.model.variables]
    write_weights(steps, tmp_path / "w.npz")
    after = [variable.numpy() for variable in steps.model.variables]
    assert all((old == new).all() for old, new in zip(before, after, strict=True))


def test_a_missing_file_is_named(tmp_path):
    text = error(read_weights, tmp_path / "w.npz")
    assert_says(text, f"{tmp_path}/w.npz: expected the weights", "received no such file")


@pytest.mark.parametrize("damage", [lambda data: data[:-40], lambda data: b"x" + data[1:]])
def test_a_damaged_file_is_named(steps, tmp_path, damage):
    path = tmp_path / "w.npz"
    write_weights(steps, path)
    path.write_bytes(damage(path.read_bytes()))
    assert_says(error(read_weights, path), f"{path}: expected the weights", "a damaged file")


def test_an_array_with_other_content_is_noticed(steps, tmp_path):
    path = tmp_path / "w.npz"
    write_weights(steps, path)
    data = bytearray(path.read_bytes())
    data[200] ^= 255
    path.write_bytes(bytes(data))
    assert_says(error(read_weights, path), "a damaged file")


def test_a_missing_weight_and_one_of_another_shape_are_named():
    saved = SavedWeights("w.npz", {"stem/kernel": np.zeros((3, 3, 1, 4))})
    assert saved.get("stem/kernel", (3, 3, 1, None)).shape == (3, 3, 1, 4)
    assert error(saved.get, "stem/kernel", (3, 3, 2, None)) == (
        "w.npz: expected stem/kernel of shape (3, 3, 2, any), received (3, 3, 1, 4)"
    )
    assert error(saved.get, "stem/bias", (4,)) == (
        "w.npz: expected stem/bias of shape (4,), received none"
    )
    assert_says(error(saved.get, "stem/kernel", (4,)), "received (3, 3, 1, 4)")


def test_weights_of_another_version_are_refused(tmp_path):
    np.savez(tmp_path / "w.npz", kernel=np.zeros(3), version=np.array(2))
    assert error(read_weights, tmp_path / "w.npz") == (
        f"{tmp_path}/w.npz: version: expected 1, received 2"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": np.array([1, 1])}, "version: expected 1, received int64 of shape (2,)"),
        ({"kernel": np.array("3")}, "kernel: expected weights, received <U1 of shape ()"),
        ({"kernel": np.zeros(3, int)}, "kernel: expected weights, received int64 of shape (3,)"),
        (
            {"kernel": np.array([0.0, np.nan])},
            "kernel: expected finite weights, received NaN or infinity",
        ),
    ],
)
def test_arrays_that_are_no_weights_are_named(tmp_path, changes, message):
    np.savez(tmp_path / "w.npz", **{"kernel": np.zeros(3), "version": np.array(1), **changes})
    assert error(read_weights, tmp_path / "w.npz") == f"{tmp_path}/w.npz: {message}"


def test_a_file_of_one_array_is_damaged(tmp_path):
    with (tmp_path / "w.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    assert_says(error(read_weights, tmp_path / "w.npz"), "expected the weights", "a damaged file")


def test_arrays_that_take_more_than_the_file_are_refused(tmp_path):
    np.savez_compressed(tmp_path / "w.npz", kernel=np.zeros(100_000))
    size = (tmp_path / "w.npz").stat().st_size
    assert error(read_weights, tmp_path / "w.npz") == (
        f"{tmp_path}/w.npz: kernel: expected at most {size} bytes in all arrays,"
        " received 800000 in this one"
    )


def test_weights_without_a_version_are_those_of_version_1(tmp_path):
    np.savez(tmp_path / "w.npz", kernel=np.zeros(3))
    assert list(read_weights(tmp_path / "w.npz").arrays) == ["kernel"]
